//! The macros in which the API is written down: objects, open enums, ids, operations.

#[macro_use]
mod object;
#[macro_use]
mod open_enum;
#[macro_use]
mod id;
#[macro_use]
mod operation;
