"""OBS buckets: listed, looked into, handed to the service."""

import sdk
from checks import INVALID, MISSING, OBS_TIME
from checks import equal, matches, refused, succeeded, unknown, without_body

BUCKET = "demo-bucket"
PLACE = {"bucket": BUCKET, "location": sdk.REGION}


class Buckets:
    """The bucket that the recordings go to."""

    def __init__(self, client):
        self.client = client

    def steps(self):
        """(step, operation, the steps it builds on)"""
        listed = (self.list,)
        return [
            (self.list, "ListObsBuckets", ()),
            (self.list_objects, "ListObsBucketObjects", listed),
            (self.list_folders, "ListObsBucketObjects", listed),
            (self.list_with_prefix, "ListObsBucketObjects", listed),
            (self.list_without_mandatory_parameters, "ListObsBucketObjects", ()),
            (self.list_with_unknown_values, "ListObsBucketObjects", ()),
            (self.list_unknown_bucket, "ListObsBucketObjects", ()),
            (self.authorize, "UpdateObsBucketAuthority", listed),
            (self.cancel, "UpdateObsBucketAuthority", listed),
            (self.authorize_again, "UpdateObsBucketAuthority", listed),
            (self.authorize_without_mandatory_fields, "UpdateObsBucketAuthority", ()),
            (self.authorize_with_unknown_values, "UpdateObsBucketAuthority", ()),
            (self.authorize_unknown_bucket, "UpdateObsBucketAuthority", ()),
        ]

    def the_bucket(self):
        answer = succeeded(sdk.list_buckets(self.client), 200)
        equal("count", answer.count, len(answer.buckets))
        [found] = [bucket for bucket in answer.buckets if bucket.bucket == BUCKET]
        return found

    def list(self):
        found = self.the_bucket()
        equal("location", found.location, sdk.REGION)
        matches("creation_date", found.creation_date, OBS_TIME)
        equal("is_authorized", found.is_authorized, False)

    def list_objects(self):
        self.objects(type="objects")

    def list_folders(self):
        self.objects(type="folders")

    def list_with_prefix(self):
        # Nothing begins with this, and the way to the server must not change that.
        answer = self.objects(type="objects", prefix="录制/a b+c~&=%2F")
        equal("objects", answer.objects, [])

    def objects(self, **query):
        answer = succeeded(sdk.list_objects(self.client, **PLACE, **query), 200)
        equal("count", answer.count, len(answer.objects))
        return answer

    def list_without_mandatory_parameters(self):
        query = {**PLACE, "type": "objects"}
        for name in query:
            rest = {key: value for key, value in query.items() if key != name}
            refused(MISSING, sdk.list_objects, self.client, **rest)

    def list_with_unknown_values(self):
        for change in ({"type": "links"}, {"location": "mars-north-1"}, {"prefix": "p" * 64}):
            refused(INVALID, sdk.list_objects, self.client, **{**PLACE, "type": "objects", **change})

    def list_unknown_bucket(self):
        query = {**PLACE, "bucket": "no-such-bucket", "type": "objects"}
        unknown("no-such-bucket", sdk.list_objects, self.client, **query)

    def authorize(self):
        self.set_authority(1, True)

    def cancel(self):
        self.set_authority(0, False, project_id="abcdef0123456789abcdef0123456789")

    def authorize_again(self):
        self.set_authority(1, True)

    def set_authority(self, operation, expected, **config):
        without_body(sdk.update_authority(self.client, **PLACE, operation=operation, **config), 200)
        equal("is_authorized", self.the_bucket().is_authorized, expected)

    def authorize_without_mandatory_fields(self):
        config = {**PLACE, "operation": 1}
        for name in config:
            rest = {key: value for key, value in config.items() if key != name}
            refused(MISSING, sdk.update_authority, self.client, **rest)

    def authorize_with_unknown_values(self):
        for change in ({"operation": 2}, {"location": "mars-north-1"}, {"bucket": "b" * 64}):
            refused(INVALID, sdk.update_authority, self.client, **{**PLACE, "operation": 1, **change})

    def authorize_unknown_bucket(self):
        config = {**PLACE, "bucket": "no-such-bucket", "operation": 1}
        unknown("no-such-bucket", sdk.update_authority, self.client, **config)
