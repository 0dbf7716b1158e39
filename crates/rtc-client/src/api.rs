//! A method for each operation, one file a resource; they hold no logic.

mod apps;
mod auto_record;
mod individual_stream_jobs;
mod mix_stream_jobs;
mod obs;
mod record_callback;
mod record_rules;
mod rooms;
