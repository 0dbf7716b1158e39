//! Notifications on their way.

use std::time::Duration;

use bytes::Bytes;
use http::Method;

use super::target::query;
use super::{AdminClient, AdminError};
use crate::admin_api::{Changed, DeliveryFilter, DeliveryList, RecordedDelivery};

/// How long the mock waits for attempts that are due.
pub(super) const DELIVERY_TIME: Duration = Duration::from_secs(30);

impl AdminClient {
    /// The notifications that wait, and the last ones that are over, oldest first.
    pub async fn deliveries(&self, filter: &DeliveryFilter) -> Result<DeliveryList, AdminError> {
        self.get(&format!("/deliveries{}", query(filter))).await
    }

    /// Forgets the notifications that are over.
    pub async fn clear_deliveries(&self) -> Result<Changed, AdminError> {
        self.delete("/deliveries").await
    }

    /// The notification with the number, with its attempts.
    pub async fn delivery(&self, id: u64) -> Result<RecordedDelivery, AdminError> {
        self.get(&format!("/deliveries/{id}")).await
    }

    /// Makes one more attempt now, also of a notification that is over.
    pub async fn redeliver(&self, id: u64) -> Result<RecordedDelivery, AdminError> {
        self.exchange(Method::POST, &format!("/deliveries/{id}/redeliver"), Bytes::new()).await
    }

    /// Stops sending notifications; they wait.
    pub async fn pause_deliveries(&self) -> Result<Changed, AdminError> {
        self.exchange(Method::POST, "/deliveries/pause", Bytes::new()).await
    }

    /// Goes on sending notifications.
    pub async fn resume_deliveries(&self) -> Result<Changed, AdminError> {
        self.exchange(Method::POST, "/deliveries/resume", Bytes::new()).await
    }

    /// Makes all attempts now that wait for their time; the answer comes when they are made.
    pub async fn flush_deliveries(&self) -> Result<Changed, AdminError> {
        let patient = self.patient(DELIVERY_TIME);
        patient.exchange(Method::POST, "/deliveries/flush", Bytes::new()).await
    }
}
