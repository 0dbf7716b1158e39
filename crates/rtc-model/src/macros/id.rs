//! `id!`: an identifier of the service.

/// Declares an identifier: a text that is kept as it is, with its documented limits.
macro_rules! id {
    ($(#[doc = $doc:literal])* $name:ident: 1..=$max:literal $(, $rule:ident)?) => {
        $(#[doc = $doc])*
        ///
        #[doc = concat!("Documented length: 1 to ", $max, " characters. Any text is held; [`Validate`] checks the limit.")]
        ///
        /// [`Validate`]: crate::validate::Validate
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            /// The text of the identifier.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl ::core::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                write!(f, concat!(stringify!($name), "({:?})"), self.as_str())
            }
        }

        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl ::core::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                self.as_str()
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text.into())
            }
        }

        impl From<&$name> for $name {
            fn from(id: &$name) -> Self {
                id.clone()
            }
        }

        impl ::core::str::FromStr for $name {
            type Err = ::core::convert::Infallible;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Ok(Self::from(text))
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
            fn validate(&self, at: &$crate::validate::Field<'_>) -> Result<(), $crate::validate::Violation> {
                at.length(self.as_str(), 1, $max)?;
                $(at.$rule(self.as_str())?;)?
                Ok(())
            }
        }

        #[cfg(feature = "schema")]
        impl ::schemars::JsonSchema for $name {
            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                let rules: &[&str] = &[$(stringify!($rule))?];
                let pattern = rules.first().map(|rule| $crate::schema::pattern(rule));
                $crate::schema::text(concat!($($doc, "\n",)*), 1, $max, pattern)
            }
        }
    };
}
