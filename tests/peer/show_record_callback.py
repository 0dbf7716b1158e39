import json
import sys

from huaweicloudsdkcloudrtc.v2 import CloudRTCClient, ShowRecordCallbackRequest
from huaweicloudsdkcloudrtc.v2.region.cloudrtc_region import CloudRTCRegion

# The credentials come from the environment, the endpoint as well if it is set there.
client = CloudRTCClient.new_builder().with_region(CloudRTCRegion.value_of("cn-north-4")).build()
answer = client.show_record_callback(ShowRecordCallbackRequest(app_id=sys.argv[1]))
print(json.dumps(answer.to_json_object(), indent=2))
