//! `open_enum!`: a set of wire texts that may grow.

/// Declares an enum whose unknown values are kept and written back.
macro_rules! open_enum {
    (
        $(#[doc = $doc:literal])*
        pub enum $name:ident {
            $($(#[$vmeta:meta])* $variant:ident = $text:literal),* $(,)?
        }
    ) => {
        $(#[doc = $doc])*
        ///
        /// The set is open: a value that this version does not know is kept in
        /// [`Unknown`](Self::Unknown) and written back as it came.
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$vmeta])* #[doc = concat!("\n\nOn the wire: `", $text, "`.")] $variant,)*
            /// A value that this version does not know.
            Unknown($crate::open_enum::UnknownValue),
        }

        impl $name {
            /// The values that this version knows, in the order of the API reference.
            pub const KNOWN: &'static [Self] = &[$(Self::$variant),*];

            /// The text on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Unknown(value) => value.as_str(),
                }
            }

            /// Whether this version knows the value.
            pub fn is_known(&self) -> bool {
                !matches!(self, Self::Unknown(_))
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)*
                    other => Self::Unknown($crate::open_enum::UnknownValue::new(other)),
                }
            }
        }

        impl ::core::str::FromStr for $name {
            type Err = ::core::convert::Infallible;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Ok(Self::from(text))
            }
        }

        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str($crate::open_enum::TextVisitor::new())
            }
        }

        impl $crate::validate::Validate for $name {
            /// An unknown value is a violation in a request, which may only hold documented ones
            /// (decision D16).
            fn validate(&self, at: &$crate::validate::Field<'_>) -> Result<(), $crate::validate::Violation> {
                if self.is_known() || at.takes_any_word() {
                    return Ok(());
                }
                Err(at.invalid(format!("{:?} is not one of {}", self.as_str(), [$($text),*].join(", "))))
            }
        }

        #[cfg(feature = "schema")]
        impl ::schemars::JsonSchema for $name {
            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                $crate::schema::one_of(concat!($($doc, "\n",)*), &[$($text),*])
            }
        }
    };
}
