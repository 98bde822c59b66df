# For scripts to source: `apnslab` as an ordinary user. Needs dir, here and apnslab; a test that cannot become one skips.

# become_nobody: copies the program, the folder of the tests and the npm packages to where nobody can read them, whatever the
# folders of the sources allow; lets apnslab, here and run name the copies. "${run[@]}" stands before what nobody is to run.
become_nobody() {
  if ((EUID != 0)); then
    echo "skipped: only root can become nobody"
    exit 77
  fi
  if [[ ! -d ${NODE_PATH:-} ]]; then
    echo "skipped: no npm packages are installed (./dev test installs them when the registry can be reached)"
    exit 77
  fi
  mkdir "$dir/node_modules"
  cp -r "$NODE_PATH/." "$dir/node_modules"
  cp -r "$here" "$dir/interop"
  cp "$apnslab" "$dir"
  chmod 755 "$dir" "$dir/apnslab"
  chown -R 65534:65534 "$dir"
  apnslab=$dir/apnslab here=$dir/interop
  run=(setpriv --reuid=65534 --regid=65534 --clear-groups "${run[@]}" "NODE_PATH=$dir/node_modules")
}
