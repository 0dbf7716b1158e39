//! A method for each operation, one file a resource; they hold no logic.

mod apps;
mod record_callback;
