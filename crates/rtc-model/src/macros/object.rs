//! `object!`: a JSON object of the API, read and written.

/// Declares a wire object with its mandatory fields, optional fields and lists.
///
/// The wire name of a field is its Rust name. What is made:
/// - the struct (`#[non_exhaustive]`, public fields), with `new` taking the mandatory fields and a
///   setter of the field's own name for each of the others;
/// - `Serialize`: optional fields are left out when unset, lists are always written;
/// - `Deserialize`: from JSON objects only, `null` equals absent, unknown fields are ignored, a
///   mandatory field that is absent is serde's "missing field".
///
/// serde's derive is not used because it would read a struct from an array as well, and would
/// refuse `null` for a list or a mandatory field with another error than for an absent one.
macro_rules! object {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            $(required { $($(#[$rmeta:meta])* $req:ident: $rty:ty),* $(,)? })?
            $(optional { $($(#[$ometa:meta])* $opt:ident: $oty:ty),* $(,)? })?
            $(lists { $($(#[$lmeta:meta])* $list:ident: $lty:ty),* $(,)? })?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        pub struct $name {
            $($($(#[$rmeta])* pub $req: $rty,)*)?
            $($($(#[$ometa])* pub $opt: ::core::option::Option<$oty>,)*)?
            $($($(#[$lmeta])* pub $list: ::std::vec::Vec<$lty>,)*)?
        }

        impl $name {
            #[doc = concat!("Makes a [`", stringify!($name), "`] of its mandatory fields; the rest is unset.")]
            pub fn new($($($req: impl ::core::convert::Into<$rty>),*)?) -> Self {
                Self {
                    $($($req: $req.into(),)*)?
                    $($($opt: ::core::option::Option::None,)*)?
                    $($($list: ::std::vec::Vec::new(),)*)?
                }
            }

            $($(
                #[doc = concat!("Sets [`", stringify!($opt), "`](Self#structfield.", stringify!($opt), ").")]
                #[must_use]
                pub fn $opt(mut self, $opt: impl ::core::convert::Into<$oty>) -> Self {
                    self.$opt = ::core::option::Option::Some($opt.into());
                    self
                }
            )*)?

            $($(
                #[doc = concat!("Sets [`", stringify!($list), "`](Self#structfield.", stringify!($list), ").")]
                #[must_use]
                pub fn $list(mut self, $list: impl ::core::iter::IntoIterator<Item = $lty>) -> Self {
                    self.$list = $list.into_iter().collect();
                    self
                }
            )*)?
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::core::result::Result<S::Ok, S::Error> {
                use ::serde::ser::SerializeStruct as _;
                let fields = [
                    $($({ let _ = &self.$req; true },)*)?
                    $($(self.$opt.is_some(),)*)?
                    $($({ let _ = &self.$list; true },)*)?
                ];
                let count = fields.iter().filter(|present| **present).count();
                let mut object = serializer.serialize_struct(stringify!($name), count)?;
                $($(object.serialize_field(stringify!($req), &self.$req)?;)*)?
                $($(if let ::core::option::Option::Some(value) = &self.$opt {
                    object.serialize_field(stringify!($opt), value)?;
                })*)?
                $($(object.serialize_field(stringify!($list), &self.$list)?;)*)?
                object.end()
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::core::result::Result<Self, D::Error> {
                #[expect(non_camel_case_types, reason = "a variant is named as its field")]
                enum Field {
                    $($($req,)*)?
                    $($($opt,)*)?
                    $($($list,)*)?
                    __Unknown,
                }

                impl<'de> ::serde::Deserialize<'de> for Field {
                    fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::core::result::Result<Self, D::Error> {
                        struct Name;
                        impl ::serde::de::Visitor<'_> for Name {
                            type Value = Field;
                            fn expecting(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                                f.write_str("a field name")
                            }
                            fn visit_str<E: ::serde::de::Error>(self, name: &str) -> ::core::result::Result<Field, E> {
                                $($(if name == stringify!($req) { return Ok(Field::$req); })*)?
                                $($(if name == stringify!($opt) { return Ok(Field::$opt); })*)?
                                $($(if name == stringify!($list) { return Ok(Field::$list); })*)?
                                Ok(Field::__Unknown)
                            }
                        }
                        deserializer.deserialize_identifier(Name)
                    }
                }

                struct Object;
                impl<'de> ::serde::de::Visitor<'de> for Object {
                    type Value = $name;
                    fn expecting(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                        f.write_str(concat!("an object (", stringify!($name), ")"))
                    }
                    fn visit_map<A: ::serde::de::MapAccess<'de>>(self, mut map: A) -> ::core::result::Result<$name, A::Error> {
                        use ::serde::de::Error as _;
                        $($(let mut $req: ::core::option::Option<$rty> = None;)*)?
                        $($(let mut $opt: ::core::option::Option<$oty> = None;)*)?
                        $($(let mut $list: ::core::option::Option<::std::vec::Vec<$lty>> = None;)*)?
                        while let Some(field) = map.next_key::<Field>()? {
                            match field {
                                $($(Field::$req => {
                                    if $req.is_some() { return Err(A::Error::duplicate_field(stringify!($req))); }
                                    $req = map.next_value()?;
                                })*)?
                                $($(Field::$opt => {
                                    if $opt.is_some() { return Err(A::Error::duplicate_field(stringify!($opt))); }
                                    $opt = map.next_value()?;
                                })*)?
                                $($(Field::$list => {
                                    if $list.is_some() { return Err(A::Error::duplicate_field(stringify!($list))); }
                                    $list = map.next_value()?;
                                })*)?
                                Field::__Unknown => {
                                    map.next_value::<::serde::de::IgnoredAny>()?;
                                }
                            }
                        }
                        Ok($name {
                            $($($req: $req.ok_or_else(|| A::Error::missing_field(stringify!($req)))?,)*)?
                            $($($opt,)*)?
                            $($($list: $list.unwrap_or_default(),)*)?
                        })
                    }
                }
                deserializer.deserialize_map(Object)
            }
        }
    };
}
