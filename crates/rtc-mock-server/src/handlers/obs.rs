//! OBS buckets (decision D28).

use rtc_model::ApiError;
use rtc_model::obs::{
    ListObsBucketObjects, ListObsBuckets, ObsAuthorityConfig, ObsBucketList, ObsObjectList,
    ObsObjectType, UpdateObsBucketAuthority,
};

use crate::buckets::Buckets;
use crate::handlers::{Call, Handle, Service};
use crate::state::not_found;

impl Handle<ListObsBuckets> for Service {
    fn handle(
        &self,
        call: &Call<'_>,
        _operation: ListObsBuckets,
    ) -> Result<ObsBucketList, ApiError> {
        let state = self.read();
        // A project to which nothing was written yet has the demo bucket all the same.
        let untouched = Buckets::default();
        let buckets = state.project(call.project).map_or(&untouched, |project| &project.buckets);
        let list = buckets.list(self.started);
        Ok(ObsBucketList::new().count(count(list.len())).buckets(list))
    }
}

impl Handle<ListObsBucketObjects> for Service {
    fn handle(
        &self,
        call: &Call<'_>,
        operation: ListObsBucketObjects,
    ) -> Result<ObsObjectList, ApiError> {
        let state = self.read();
        let untouched = Buckets::default();
        let buckets = state.project(call.project).map_or(&untouched, |project| &project.buckets);
        let bucket = buckets
            .get(&operation.bucket, operation.location.as_str())
            .ok_or_else(|| not_found("bucket", &operation.bucket))?;
        let prefix = operation.prefix.as_deref().unwrap_or_default();
        let objects: Vec<_> = bucket
            .objects
            .iter()
            .filter(|object| {
                let name = object.file_name.as_deref().unwrap_or_default();
                let is_folder = name.ends_with('/');
                name.starts_with(prefix)
                    && is_folder == (operation.object_type == ObsObjectType::Folders)
            })
            .cloned()
            .collect();
        Ok(ObsObjectList::new().count(count(objects.len())).objects(objects))
    }
}

impl Handle<UpdateObsBucketAuthority> for Service {
    fn handle(&self, call: &Call<'_>, operation: UpdateObsBucketAuthority) -> Result<(), ApiError> {
        let config = operation.body;
        let mut state = self.write();
        let buckets = &mut state.project_mut(call.project).buckets;
        let bucket = buckets
            .get_mut(&config.bucket, config.location.as_str())
            .ok_or_else(|| not_found("bucket", &config.bucket))?;
        bucket.authorized = config.operation == ObsAuthorityConfig::AUTHORIZE;
        Ok(())
    }
}

fn count(length: usize) -> i32 {
    i32::try_from(length).unwrap_or(i32::MAX)
}
