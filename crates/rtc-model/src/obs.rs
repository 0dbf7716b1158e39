//! The OBS buckets that recordings go to (pages `ListObsBuckets`, `ListObsBucketObjects`,
//! `UpdateObsBucketAuthority`).

use crate::operation::json_output;

operation! {
    /// Lists the buckets of the account.
    ///
    /// ```
    /// let list = rtc_model::obs::ListObsBuckets::new();
    /// # let _ = list;
    /// ```
    ListObsBuckets(Default): GET "/v2/rtc-ops/buckets" => OK
    returns ObsBucketList;
    errors BAD_REQUEST, UNAUTHORIZED, INTERNAL_SERVER_ERROR;
    Idempotent, Obs
}

operation! {
    /// Lists what a bucket holds: its folders or its objects.
    ///
    /// ```
    /// use rtc_model::obs::{ListObsBucketObjects, ObsLocation, ObsObjectType};
    ///
    /// let list = ListObsBucketObjects::new("demo-bucket", ObsObjectType::Objects, ObsLocation::CnNorth4);
    /// assert_eq!(list.prefix("Record/").prefix.as_deref(), Some("Record/"));
    /// ```
    ListObsBucketObjects: GET "/v2/rtc-ops/buckets/objects" => OK
    query {
        /// The bucket.
        bucket("bucket"): String { chars 1..=63 },
        /// What is listed.
        object_type("type"): ObsObjectType,
        /// The region of the bucket.
        location("location"): ObsLocation,
    }
    optional query {
        /// Only what begins with this.
        prefix("prefix"): String { chars 0..=63 },
    }
    returns ObsObjectList;
    errors BAD_REQUEST, UNAUTHORIZED, NOT_FOUND, INTERNAL_SERVER_ERROR;
    Idempotent, Obs
}

operation! {
    /// Allows the service to write into a bucket, or forbids it.
    ///
    /// ```
    /// use rtc_model::obs::{ObsAuthorityConfig, ObsLocation, UpdateObsBucketAuthority};
    ///
    /// let config = ObsAuthorityConfig::new("demo-bucket", ObsAuthorityConfig::AUTHORIZE, ObsLocation::CnNorth4);
    /// assert_eq!(UpdateObsBucketAuthority::new(config).body.operation, 1);
    /// ```
    UpdateObsBucketAuthority: PUT "/v2/rtc-ops/buckets/authentication" => OK
    body ObsAuthorityConfig;
    returns ();
    errors BAD_REQUEST, UNAUTHORIZED, NOT_FOUND, INTERNAL_SERVER_ERROR;
    Idempotent, Obs
}

object! {
    /// Whether the service may write into a bucket.
    pub struct ObsAuthorityConfig {
        required {
            /// The bucket.
            bucket: String { chars 1..=63 },
            /// 1 allows it, 0 forbids it.
            operation: i32 { range 0..=1 },
            /// The region of the bucket.
            location: ObsLocation,
        }
        optional {
            /// The project of the bucket's region.
            project_id: String { chars 1..=128 },
        }
    }
}

impl ObsAuthorityConfig {
    /// The [`operation`](Self::operation) that allows the service to write.
    pub const AUTHORIZE: i32 = 1;
    /// The [`operation`](Self::operation) that forbids the service to write.
    pub const CANCEL: i32 = 0;
}

object! {
    /// The buckets of the account.
    pub struct ObsBucketList: Default {
        optional {
            /// How many there are.
            count: i32,
        }
        lists {
            /// The buckets.
            buckets: ObsBucket,
        }
    }
}

object! {
    /// A bucket.
    pub struct ObsBucket: Default {
        optional {
            /// The name.
            bucket: String { chars 1..=63 },
            /// The region.
            location: String { chars 1..=63 },
            /// When it was made, as `2020/07/16 15:11:55 GMT+08:00`.
            creation_date: String { chars 29..=29 },
            /// Whether the service may write into it.
            is_authorized: bool,
        }
    }
}

object! {
    /// What a bucket holds.
    pub struct ObsObjectList: Default {
        optional {
            /// How many there are.
            count: i32,
        }
        lists {
            /// The folders or objects.
            objects: ObsObject,
        }
    }
}

object! {
    /// A folder or an object of a bucket.
    pub struct ObsObject: Default {
        optional {
            /// The name.
            file_name: String { chars 1..=128 },
            /// The size in KB.
            size: i32 { range 0..=15_728_640 },
            /// When it was changed last, as `2020/07/16 15:11:55 GMT+08:00`.
            last_modified: String { chars 29..=29 },
        }
    }
}

open_enum! {
    /// The regions of buckets.
    pub enum ObsLocation {
        /// North China, Beijing 4.
        CnNorth4 = "cn-north-4",
        /// North China, Beijing 1.
        CnNorth1 = "cn-north-1",
        /// North China 5.
        CnNorth5 = "cn-north-5",
        /// North China 6.
        CnNorth6 = "cn-north-6",
        /// South China, Guangzhou.
        CnSouth1 = "cn-south-1",
        /// East China, Shanghai 2.
        CnEast2 = "cn-east-2",
    }
}

open_enum! {
    /// What is listed of a bucket.
    pub enum ObsObjectType {
        /// Its folders.
        Folders = "folders",
        /// Its objects.
        Objects = "objects",
    }
}

json_output!(ObsBucketList, ObsObjectList);
