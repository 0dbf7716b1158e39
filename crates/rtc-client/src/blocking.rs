//! The client for programs without async (feature `blocking`).

#![cfg_attr(
    not(test),
    expect(clippy::wildcard_imports, reason = "the methods name types of nearly every module")
)]

use std::fmt;
use std::io;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::mpsc;

use rtc_model::Operation;
use rtc_model::apps::*;
use rtc_model::auto_record::*;
use rtc_model::individual_stream_jobs::*;
use rtc_model::mix_stream_jobs::*;
use rtc_model::obs::*;
use rtc_model::record_callback::*;
use rtc_model::record_rules::*;
use rtc_model::rooms::*;
use rtc_model::{AppId, JobId, RoomId, RuleId};
use tokio::runtime::{Builder, Runtime};

use crate::{Error, Reply};

/// A client whose calls block. Clones are cheap and share all.
///
/// It holds a runtime of one thread, on which the calls of all its clones run, as many at a time as
/// there are threads that call. It may be used and dropped within async code, too, where it holds
/// up the thread.
///
/// ```no_run
/// use rtc_client::blocking;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let client = blocking::Client::new(rtc_client::Client::from_env()?)?;
/// let reply = client.show_record_callback("123456789abcdefghijklmno")?;
/// println!("{:?}", reply.output());
///
/// // What has no method here runs as it is.
/// let names = client.run(|client| async move {
///     let (mut apps, mut names) = (client.all_apps(None), Vec::new());
///     while let Some(app) = apps.next().await {
///         names.extend(app?.app_name);
///     }
///     Ok::<_, rtc_client::Error>(names)
/// })?;
/// println!("{names:?}");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    client: crate::Client,
    runtime: Arc<Owned>,
}

/// The runtime, which is stopped without waiting: to wait for it is not allowed within async code.
struct Owned(Option<Runtime>);

impl Drop for Owned {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl Client {
    /// Makes a client of an async one, with all its settings.
    ///
    /// ```
    /// use rtc_client::{Client, ErrorKind, blocking};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let client = Client::builder().endpoint("http://rtc.example").token("t").build()?;
    /// let client = blocking::Client::new(client)?;
    /// let error = client.show_app("").unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::InvalidRequest, "an empty id makes no path");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The system has no thread left, or no descriptor.
    pub fn new(client: crate::Client) -> io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("rtc-client")
            .enable_all()
            .build()?;
        Ok(Self { client, runtime: Arc::new(Owned(Some(runtime))) })
    }

    /// Sends any operation, as [`Client::send`](crate::Client::send) does.
    ///
    /// ```no_run
    /// # fn example(client: rtc_client::blocking::Client) -> Result<(), rtc_client::Error> {
    /// use rtc_client::model::apps::ShowApp;
    ///
    /// let app = client.send(ShowApp::new("a1"))?.into_output();
    /// # Ok(())
    /// # }
    /// ```
    pub fn send<O: Operation>(&self, op: O) -> Result<Reply<O::Output>, Error>
    where
        O::Output: 'static,
    {
        self.run(|client| async move { client.send(op).await })
    }

    /// Runs what is made of the async client, such as a wait for a job, to its end.
    ///
    /// ```no_run
    /// # fn example(client: rtc_client::blocking::Client) -> Result<(), rtc_client::Error> {
    /// use rtc_client::Wait;
    ///
    /// let waited = client.run(|client| async move {
    ///     client.wait_for_mix_job("a1", "607824b4", Wait::running()).await
    /// })?;
    /// println!("at work: {}", waited.is_reached());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// Where `call` itself panics.
    pub fn run<F>(&self, call: impl FnOnce(crate::Client) -> F) -> F::Output
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        let runtime = self.runtime.0.as_ref().expect("it is taken only when the last clone goes");
        let (tell, told) = mpsc::sync_channel(1);
        let ended = runtime.spawn(call(self.client.clone()));
        runtime.spawn(async move {
            // Who asked waits below.
            let _ = tell.send(ended.await);
        });
        match told.recv().expect("the runtime is there as long as a client is") {
            Ok(output) => output,
            Err(error) => resume_unwind(error.into_panic()),
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("blocking::Client").field(&self.client).finish()
    }
}

/// The methods that are named after the operations.
macro_rules! methods {
    ($($name:ident($($arg:ident: $type:ty),*) $operation:ident;)*) => {
        impl Client {
            $(
                #[doc = concat!("As [`Client::", stringify!($name), "`](crate::Client::", stringify!($name), "), which has an example; here without `.await`.")]
                pub fn $name(&self, $($arg: impl Into<$type>),*) -> Result<Reply<<$operation as Operation>::Output>, Error> {
                    self.send($operation::new($($arg),*))
                }
            )*

            /// As [`Client::list_apps`](crate::Client::list_apps), which has an example; here
            /// without `.await`.
            pub fn list_apps(&self, list: ListApps) -> Result<Reply<AppList>, Error> {
                self.send(list)
            }

            /// As [`Client::list_record_rules`](crate::Client::list_record_rules), which has an
            /// example; here without `.await`.
            pub fn list_record_rules(&self, list: ListRecordRules) -> Result<Reply<RecordRuleList>, Error> {
                self.send(list)
            }

            /// As [`Client::list_obs_bucket_objects`](crate::Client::list_obs_bucket_objects), which
            /// has an example; here without `.await`.
            pub fn list_obs_bucket_objects(&self, list: ListObsBucketObjects) -> Result<Reply<ObsObjectList>, Error> {
                self.send(list)
            }
        }

        #[cfg(test)]
        const NAMED: &[&str] = &[$(stringify!($operation)),*];
    };
}

methods! {
    create_app(app: AppReq) CreateApp;
    show_app(app_id: AppId) ShowApp;
    delete_app(app_id: AppId) DeleteApp;
    start_app(app_id: AppId) StartApp;
    stop_app(app_id: AppId) StopApp;
    show_auto_record(app_id: AppId) ShowAutoRecord;
    update_auto_record(app_id: AppId, mode: AutoRecordModeReq) UpdateAutoRecord;
    show_record_callback(app_id: AppId) ShowRecordCallback;
    update_record_callback(app_id: AppId, callback: AppCallbackUrlReq) UpdateRecordCallback;
    create_record_rule(app_id: AppId, rule: RecordRuleReq) CreateRecordRule;
    show_record_rule(app_id: AppId, rule_id: RuleId) ShowRecordRule;
    update_record_rule(app_id: AppId, rule_id: RuleId, rule: RecordRuleReq) UpdateRecordRule;
    delete_record_rule(app_id: AppId, rule_id: RuleId) DeleteRecordRule;
    create_individual_stream_job(app_id: AppId, job: IndividualStreamJobReq) CreateIndividualStreamJob;
    show_individual_stream_job(app_id: AppId, job_id: JobId) ShowIndividualStreamJob;
    update_individual_stream_job(app_id: AppId, job_id: JobId, change: UpdateIndividualJobReq) UpdateIndividualStreamJob;
    stop_individual_stream_job(app_id: AppId, job_id: JobId) StopIndividualStreamJob;
    create_mix_job(app_id: AppId, job: MixJobReq) CreateMixJob;
    show_mix_job(app_id: AppId, job_id: JobId) ShowMixJob;
    update_mix_job(app_id: AppId, job_id: JobId, change: UpdateMixJobReq) UpdateMixJob;
    stop_mix_job(app_id: AppId, job_id: JobId) StopMixJob;
    remove_users(app_id: AppId, room_id: RoomId, users: RemoveUsersReq) RemoveUsers;
    remove_room(app_id: AppId, room_id: RoomId) RemoveRoom;
    list_obs_buckets() ListObsBuckets;
    update_obs_bucket_authority(config: ObsAuthorityConfig) UpdateObsBucketAuthority;
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use rtc_model::OperationId;

    use super::*;
    use crate::ErrorKind;

    /// A client of a peer that answers every request with `{}`.
    fn client() -> Client {
        use std::io::{Read as _, Write as _};

        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let (mut bytes, mut read) = ([0; 4096], 0);
                while !bytes[..read].ends_with(b"\r\n\r\n") {
                    read += stream.read(&mut bytes[read..]).unwrap();
                }
                let answer = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}";
                stream.write_all(answer).unwrap();
            }
        });
        Client::new(crate::Client::builder().endpoint(endpoint).token("t").build().unwrap())
            .unwrap()
    }

    #[test]
    fn calls_of_many_threads_are_answered() {
        let client = client();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| assert_eq!(client.show_app("a1").unwrap().status(), 200));
            }
        });
        let error = client.show_app("").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    }

    #[tokio::test]
    async fn it_may_be_used_and_dropped_within_async_code() {
        let client = client();
        assert_eq!(client.show_app("a1").unwrap().status(), 200);
        drop(client);
    }

    #[test]
    fn a_panic_of_the_callers_own_code_is_passed_on() {
        let client = client();
        let caught =
            catch_unwind(AssertUnwindSafe(|| client.run(|_| async { panic!("of the caller") })));
        assert_eq!(caught.unwrap_err().downcast_ref(), Some(&"of the caller"));
        assert_eq!(client.show_app("a1").unwrap().status(), 200, "and harms nobody else");
    }

    #[test]
    fn every_operation_has_a_method() {
        const LISTS: [&str; 3] = ["ListApps", "ListRecordRules", "ListObsBucketObjects"];
        for id in OperationId::ALL {
            assert!(NAMED.contains(&id.as_str()) || LISTS.contains(&id.as_str()), "{id}");
        }
        assert_eq!(NAMED.len() + LISTS.len(), OperationId::ALL.len());
    }
}
