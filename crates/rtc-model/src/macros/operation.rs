//! `operation!` and `operations!`: the API written as the rows of its reference.

/// Declares one operation: its documentation, facts, fields and both directions.
///
/// The row reads like the API reference. The template's variables and the `path` fields are
/// compared at compile time. A query parameter names its wire name in parentheses; the mandatory
/// ones stand in `query`, the others in `optional query`. Limits stand in braces as in `object!`.
macro_rules! operation {
    (
        $(#[doc = $doc:literal])*
        $name:ident $(($derive:ident))?: $method:ident $template:literal => $status:ident $(| $also:ident)*
        $(path { $($(#[doc = $pdoc:literal])* $pfield:ident: $ptype:ty),* $(,)? })?
        $(query { $($(#[doc = $qdoc:literal])* $qfield:ident($qname:literal): $qtype:ty $({ $($qlimit:tt)* })?),* $(,)? })?
        $(optional query { $($(#[doc = $odoc:literal])* $ofield:ident($oname:literal): $otype:ty $({ $($olimit:tt)* })?),* $(,)? })?
        $(body $body:ty;)?
        returns $output:ty;
        errors $($error:ident),*;
        $idempotency:ident, $group:ident
    ) => {
        $(#[doc = $doc])*
        ///
        #[doc = concat!("`", stringify!($method), " ", $template, "`")]
        #[derive(Debug, Clone, PartialEq $(, $derive)?)]
        #[non_exhaustive]
        pub struct $name {
            $($($(#[doc = $pdoc])* pub $pfield: $ptype,)*)?
            $($($(#[doc = $qdoc])* $(#[doc = limit!(@doc $($qlimit)*)])? pub $qfield: $qtype,)*)?
            $($($(#[doc = $odoc])* $(#[doc = limit!(@doc $($olimit)*)])? pub $ofield: Option<$otype>,)*)?
            $(/** The request body. */ pub body: $body,)?
        }

        impl $name {
            #[doc = concat!("Makes the request of [`", stringify!($name), "`] of its mandatory parts.")]
            pub fn new(
                $($($pfield: impl ::core::convert::Into<$ptype>,)*)?
                $($($qfield: impl ::core::convert::Into<$qtype>,)*)?
                $(body: impl ::core::convert::Into<$body>)?
            ) -> Self {
                Self {
                    $($($pfield: $pfield.into(),)*)?
                    $($($qfield: $qfield.into(),)*)?
                    $($($ofield: None,)*)?
                    $(body: ::core::convert::Into::<$body>::into(body),)?
                }
            }

            $($(
                #[doc = concat!("Sets [`", stringify!($ofield), "`](Self#structfield.", stringify!($ofield), ").")]
                #[must_use]
                pub fn $ofield(mut self, $ofield: impl ::core::convert::Into<$otype>) -> Self {
                    self.$ofield = Some($ofield.into());
                    self
                }
            )*)?
        }

        impl $crate::operation::Operation for $name {
            const META: $crate::operation::OperationMeta = $crate::operation::OperationMeta {
                id: $crate::operation::OperationId::$name,
                method: ::http::Method::$method,
                path: $crate::path::PathTemplate::new($template, &[$($(stringify!($pfield)),*)?]),
                query: &[
                    $($($crate::operation::Parameter::required($qname),)*)?
                    $($($crate::operation::Parameter::optional($oname),)*)?
                ],
                body: operation!(@kind $($body)?),
                success: &[::http::StatusCode::$status $(, ::http::StatusCode::$also)*],
                errors: &[$(::http::StatusCode::$error),*],
                idempotency: $crate::operation::Idempotency::$idempotency,
                group: $crate::operation::ApiGroup::$group,
            };

            type Body = operation!(@type $($body)?);
            type Output = $output;

            fn path_values(&self) -> $crate::path::PathValues<'_> {
                $crate::path::PathValues::new([$($(self.$pfield.as_ref()),*)?])
            }

            fn write_query(&self, _query: &mut $crate::query::QueryWriter) {
                $($(_query.pair($qname, &self.$qfield);)*)?
                $($(_query.optional($oname, self.$ofield.as_ref());)*)?
            }

            fn body(&self) -> Option<&Self::Body> {
                operation!(@body self $($body)?)
            }

            fn from_parts(
                path: &$crate::path::PathArgs<'_>,
                _query: &$crate::query::QueryReader<'_>,
                body: Option<Self::Body>,
            ) -> Result<Self, $crate::error::DecodeError> {
                let _ = (path, &body);
                Ok(Self {
                    $($($pfield: path.value(stringify!($pfield))?.as_ref().into(),)*)?
                    $($($qfield: _query.required($qname)?,)*)?
                    $($($ofield: _query.optional($oname)?,)*)?
                    $(body: operation!(@first body, $body).ok_or($crate::error::DecodeError::EmptyBody)?,)?
                })
            }

            fn validate(&self) -> Result<(), $crate::validate::Violation> {
                $($($crate::validate::Validate::validate(&self.$pfield, &$crate::validate::Field::ROOT.name(stringify!($pfield)))?;)*)?
                $($(
                    $(limit!(@check &self.$qfield, $crate::validate::Field::ROOT.name($qname), $($qlimit)*);)?
                    $crate::validate::Validate::validate(&self.$qfield, &$crate::validate::Field::ROOT.name($qname))?;
                )*)?
                $($(if let Some(value) = &self.$ofield {
                    $(limit!(@check value, $crate::validate::Field::ROOT.name($oname), $($olimit)*);)?
                    $crate::validate::Validate::validate(value, &$crate::validate::Field::ROOT.name($oname))?;
                })*)?
                $($crate::validate::Validate::validate(&operation!(@first self, $body).body, &$crate::validate::Field::ROOT)?;)?
                Ok(())
            }

            #[cfg(feature = "schema")]
            fn schemas(generator: &mut ::schemars::SchemaGenerator) -> $crate::schema::OperationSchemas {
                let mut schemas = $crate::schema::OperationSchemas::new(concat!($($doc, "\n",)*));
                $($(schemas.parameter("path", stringify!($pfield), concat!($($pdoc, "\n",)*), generator.subschema_for::<$ptype>());)*)?
                $($(
                    let parameter = generator.subschema_for::<$qtype>();
                    $(let parameter = limit!(@schema parameter, $($qlimit)*);)?
                    schemas.parameter("query", $qname, concat!($($qdoc, "\n",)*), parameter);
                )*)?
                $($(
                    let parameter = generator.subschema_for::<$otype>();
                    $(let parameter = limit!(@schema parameter, $($olimit)*);)?
                    schemas.parameter("query", $oname, concat!($($odoc, "\n",)*), parameter);
                )*)?
                $(schemas.body = Some(generator.subschema_for::<$body>());)?
                schemas.output = <$output as $crate::operation::Output>::schema(generator);
                schemas
            }
        }

        // Checks the template now and not only where the constant is used.
        const _: $crate::operation::OperationMeta = <$name as $crate::operation::Operation>::META;
    };
    (@first $first:tt, $body:ty) => { $first };
    (@kind) => { $crate::operation::BodyKind::None };
    (@kind $body:ty) => { $crate::operation::BodyKind::Json };
    (@type) => { $crate::operation::NoBody };
    (@type $body:ty) => { $body };
    (@body $self:tt) => { None };
    (@body $self:tt $body:ty) => { Some(&$self.body) };
}

/// The complete list of operations: makes `OperationId` and `for_each_operation!`.
macro_rules! operations {
    ($dollar:tt $($module:ident::$name:ident),* $(,)?) => {
        /// The operations of the API.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum OperationId {
            $(
                #[doc = concat!("[`", stringify!($name), "`](crate::", stringify!($module), "::", stringify!($name), ")")]
                $name,
            )*
        }

        impl OperationId {
            /// All operations, in the order of the API reference.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The operation's name in the API reference, such as `ShowRecordCallback`.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)*
                }
            }

            /// The facts of the operation.
            pub fn meta(self) -> &'static OperationMeta {
                match self {
                    $(Self::$name => {
                        static META: OperationMeta = <$crate::$module::$name as Operation>::META;
                        &META
                    })*
                }
            }
        }

        /// Hands the complete list of operations to a macro of yours: `callback!(A, B, …)`, each
        /// the path of a type that implements [`Operation`](crate::operation::Operation).
        ///
        /// A server that registers its handlers by it cannot forget one: a handler short does not
        /// compile.
        ///
        /// ```
        /// macro_rules! names {
        ///     ($($operation:path),*) => {
        ///         [$(<$operation as rtc_model::Operation>::META.id.as_str()),*]
        ///     };
        /// }
        /// let names = rtc_model::for_each_operation!(names);
        /// assert!(names.contains(&"ShowRecordCallback"));
        /// ```
        #[macro_export]
        macro_rules! for_each_operation {
            ($dollar callback:ident) => {
                $dollar callback!($($dollar crate::$module::$name),*)
            };
        }
    };
}
