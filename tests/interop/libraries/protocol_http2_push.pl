# Pushes by Perl's Protocol::HTTP2, see program.js. The arguments: IDENTITY ENVIRONMENT.
use strict;
use warnings;
use Crypt::JWT qw(encode_jwt);
use Crypt::PK::ECC;
use IO::Socket::SSL;
use JSON::PP;
use Protocol::HTTP2::Client;

my ($identity, $environment) = @ARGV;
my $port = $ENV{'APNSLAB_HTTP2_PORT' . ($environment eq 'development' ? '_DEVELOPMENT' : '')};
my $json = JSON::PP->new->canonical;
$| = 1;

my @authorization;
my %certificate;
if ($identity eq 'certificate') {
  %certificate = (SSL_cert_file => $ENV{APNSLAB_CERT_FILE}, SSL_key_file => $ENV{APNSLAB_KEY_FILE});
} else {
  my $token = encode_jwt(
    payload => {iss => $ENV{APNSLAB_TEAM_ID}, iat => time},
    key => Crypt::PK::ECC->new($ENV{APNSLAB_P8_FILE}),
    alg => 'ES256', extra_headers => {kid => $ENV{APNSLAB_KEY_ID}});
  @authorization = (authorization => "bearer $token");
}
my $socket = IO::Socket::SSL->new(
  PeerHost => $ENV{APNSLAB_HOST}, PeerPort => $port, SSL_ca_file => $ENV{APNSLAB_CA_FILE},
  SSL_alpn_protocols => ['h2'], %certificate) or die "no connection: $!, $SSL_ERROR";
my $client = Protocol::HTTP2::Client->new(keepalive => 1, on_error => sub { die "HTTP/2 error $_[0]" });

sub push_one {
  my ($wanted) = @_;
  my $report;
  $client->request(
    ':method' => 'POST', ':scheme' => 'https', ':authority' => "$ENV{APNSLAB_HOST}:$port",
    ':path' => "/3/device/$wanted->{device_token}",
    headers => ['apns-topic' => $ENV{APNSLAB_TOPIC}, 'apns-push-type' => 'alert', @authorization],
    data => $json->encode({aps => {alert => $wanted->{alert}}}),
    on_error => sub { die "stream reset: $_[0]" },
    on_done => sub {
      my ($headers, $data) = @_;
      my %said = @$headers;
      my $reason = length $data ? $json->decode($data) : {};
      $report = {outcome => $said{':status'} == 200 ? 'sent' : 'rejected', status => 0 + $said{':status'},
        apnsId => $said{'apns-id'}, %$reason};
    });
  until ($report) {
    while (my $frame = $client->next_frame) { print {$socket} $frame; }
    $socket->sysread(my $data, 16384) or die 'the service ended the connection';
    $client->feed($data);
  }
  return $report;
}

while (my $line = <STDIN>) {
  print $json->encode(push_one($json->decode($line))), "\n";
}
$client->close;
while (my $frame = $client->next_frame) { print {$socket} $frame; }
$socket->close;
