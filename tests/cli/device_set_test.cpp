#include "cli/device_set.h"

#include <gtest/gtest.h>

namespace apns::cli {
namespace {

std::string text_of(const std::vector<std::string>& words) {
  try {
    const DeviceSet set = read_device_set(words);
    return set.phone.dump() + " " + set.app.dump() + (set.phone_goes_first ? " first" : "");
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

TEST(DeviceSet, GoesWhereEachKeyBelongs) {
  EXPECT_EQ(text_of({"online=false", "state=force-quit", "alerts=off"}),
            R"({"online":false} {"state":"force-quit","alerts":false})");
  EXPECT_EQ(text_of({"low_power=on", "online=true"}), R"({"low_power":true,"online":true} {})");
  EXPECT_EQ(text_of({"badges=true", "sounds=off", "background_refresh=on"}),
            R"({} {"badges":true,"sounds":false,"background_refresh":true})");
}

TEST(DeviceSet, LeavesValuesToTheApi) {
  EXPECT_EQ(text_of({"alerts=7", "state=", "sounds=a=b"}),
            R"({} {"alerts":7,"state":"","sounds":"a=b"})");
}

TEST(DeviceSet, SendsAnUnknownKeyWhereItsNearestOneIsBeforeAnythingChanges) {
  EXPECT_EQ(text_of({"alerst=off"}), R"({} {"alerst":false})");
  EXPECT_EQ(text_of({"onlin=off", "alerts=off"}), R"({"onlin":false} {"alerts":false} first)");
  EXPECT_EQ(text_of({"online=off", "colour=red"}), R"({"online":false} {"colour":"red"})");
}

TEST(DeviceSet, SaysWhatIsNoSetting) {
  EXPECT_EQ(text_of({}), "nothing to set. Give KEY=VALUE, such as online=false or alerts=off.");
  EXPECT_EQ(text_of({"alerts=off", "sounds"}),
            "\"sounds\" is not KEY=VALUE, such as online=false or alerts=off.");
  EXPECT_EQ(text_of({"=off"}), "\"=off\" is not KEY=VALUE, such as online=false or alerts=off.");
  EXPECT_EQ(text_of({"alerts=off", "alerts=on"}), "\"alerts\" is given twice. Give it once.");
}

TEST(DeviceSet, ABundleIdIsNoSetting) {
  EXPECT_TRUE(is_setting("alerts=off"));
  EXPECT_FALSE(is_setting("com.example.app"));
}

}  // namespace
}  // namespace apns::cli
