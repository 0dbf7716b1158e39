//! The OBS buckets that recordings go to.

use rtc_model::obs::{
    ListObsBucketObjects, ListObsBuckets, ObsAuthorityConfig, ObsBucketList, ObsObjectList,
    UpdateObsBucketAuthority,
};

use crate::{Client, Error, Reply};

/// The OBS buckets that recordings go to. Their pages document a user token only; the official
/// SDKs sign these calls as all others (decision D28).
impl Client {
    /// Lists the buckets of the account (page `ListObsBuckets`).
    ///
    /// # Errors
    ///
    /// - 401 `RTC.00001003`: the token is not accepted; these pages document it with this code.
    ///
    /// ```no_run
    /// # async fn example(client: rtc_client::Client) -> Result<(), rtc_client::Error> {
    /// let list = client.list_obs_buckets().await?.into_output();
    /// for bucket in list.buckets {
    ///     println!("{:?} {:?}", bucket.bucket, bucket.is_authorized);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn list_obs_buckets(&self) -> Result<Reply<ObsBucketList>, Error> {
        self.send(ListObsBuckets::new()).await
    }

    /// Lists what a bucket holds: its folders or its objects (page `ListObsBucketObjects`).
    ///
    /// # Errors
    ///
    /// - 401 `RTC.00001003`: the token is not accepted.
    /// - 404: there is no such bucket.
    /// - 400 `RTC.00001003`: a value is out of its range.
    ///
    /// ```no_run
    /// # async fn example(client: rtc_client::Client) -> Result<(), rtc_client::Error> {
    /// use rtc_client::model::obs::{ListObsBucketObjects, ObsLocation, ObsObjectType};
    ///
    /// let list = ListObsBucketObjects::new("demo-bucket", ObsObjectType::Objects, ObsLocation::CnNorth4)
    ///     .prefix("Record/");
    /// for object in client.list_obs_bucket_objects(list).await?.into_output().objects {
    ///     println!("{:?} {:?} KB", object.file_name, object.size);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn list_obs_bucket_objects(
        &self,
        list: ListObsBucketObjects,
    ) -> Result<Reply<ObsObjectList>, Error> {
        self.send(list).await
    }

    /// Allows the service to write into a bucket, or forbids it (page `UpdateObsBucketAuthority`).
    ///
    /// # Errors
    ///
    /// - 401 `RTC.00001003`: the token is not accepted.
    /// - 404: there is no such bucket (decision D28; the page lists no 404).
    /// - 400 `RTC.00001003`: a value is out of its range.
    ///
    /// ```no_run
    /// # async fn example(client: rtc_client::Client) -> Result<(), rtc_client::Error> {
    /// use rtc_client::model::obs::{ObsAuthorityConfig, ObsLocation};
    ///
    /// let config = ObsAuthorityConfig::new(
    ///     "demo-bucket",
    ///     ObsAuthorityConfig::AUTHORIZE,
    ///     ObsLocation::CnNorth4,
    /// );
    /// client.update_obs_bucket_authority(config).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn update_obs_bucket_authority(
        &self,
        config: impl Into<ObsAuthorityConfig>,
    ) -> Result<Reply<()>, Error> {
        self.send(UpdateObsBucketAuthority::new(config)).await
    }
}
