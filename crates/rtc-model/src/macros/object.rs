//! `object!`: a JSON object of the API, read, written, checked and described.

/// Declares a wire object with its mandatory fields, optional fields and lists.
///
/// The wire name of a field is its Rust name. A limit of the API reference stands behind the type,
/// in braces: `{ chars 1..=256 }`, `{ range 5..=43200 }` or, for lists, `{ items 1..=25 }` and
/// `{ some }` (at least one). `{ needed }` marks an optional field that the service cannot do without.
/// What is made:
/// - the struct (`#[non_exhaustive]`, public fields), with `new` taking the mandatory fields and a
///   setter of the field's own name for each of the others;
/// - `Serialize`: optional fields are left out when unset, lists are always written;
/// - `Deserialize`: from JSON objects only, `null` equals absent, unknown fields are ignored, a
///   mandatory field that is absent is serde's "missing field";
/// - `Validate`: the limits, the fields' own rules, and after them the function named by `check`;
/// - with the feature `schema`, the JSON Schema of the same.
///
/// serde's derive is not used because it would read a struct from an array as well, and would
/// refuse `null` for a list or a mandatory field with another error than for an absent one.
macro_rules! object {
    (
        $(#[doc = $doc:literal])*
        pub struct $name:ident $(: $derive:ident)? {
            $(required { $($(#[doc = $rdoc:literal])* $req:ident: $rty:ty $({ $($rlimit:tt)* })?),* $(,)? })?
            $(optional { $($(#[doc = $odoc:literal])* $opt:ident: $oty:ty $({ $($olimit:tt)* })?),* $(,)? })?
            $(lists { $($(#[doc = $ldoc:literal])* $list:ident: $lty:ty $({ $($llimit:tt)* })?),* $(,)? })?
        }
        $(check $check:path;)?
    ) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, PartialEq $(, $derive)?)]
        #[non_exhaustive]
        pub struct $name {
            $($($(#[doc = $rdoc])* $(#[doc = limit!(@doc $($rlimit)*)])? pub $req: $rty,)*)?
            $($($(#[doc = $odoc])* $(#[doc = limit!(@doc $($olimit)*)])? pub $opt: ::core::option::Option<$oty>,)*)?
            $($($(#[doc = $ldoc])* $(#[doc = limit!(@doc $($llimit)*)])? pub $list: ::std::vec::Vec<$lty>,)*)?
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
                        // The outer option: whether the field was there; the inner one: not null.
                        $($(let mut $req: ::core::option::Option<::core::option::Option<$rty>> = None;)*)?
                        $($(let mut $opt: ::core::option::Option<::core::option::Option<$oty>> = None;)*)?
                        $($(let mut $list: ::core::option::Option<::core::option::Option<::std::vec::Vec<$lty>>> = None;)*)?
                        while let Some(field) = map.next_key::<Field>()? {
                            match field {
                                $($(Field::$req => {
                                    if $req.is_some() { return Err(A::Error::duplicate_field(stringify!($req))); }
                                    $req = Some(map.next_value()?);
                                })*)?
                                $($(Field::$opt => {
                                    if $opt.is_some() { return Err(A::Error::duplicate_field(stringify!($opt))); }
                                    $opt = Some(map.next_value()?);
                                })*)?
                                $($(Field::$list => {
                                    if $list.is_some() { return Err(A::Error::duplicate_field(stringify!($list))); }
                                    $list = Some(map.next_value()?);
                                })*)?
                                Field::__Unknown => {
                                    map.next_value::<::serde::de::IgnoredAny>()?;
                                }
                            }
                        }
                        Ok($name {
                            $($($req: $req.flatten().ok_or_else(|| A::Error::missing_field(stringify!($req)))?,)*)?
                            $($($opt: $opt.flatten(),)*)?
                            $($($list: $list.flatten().unwrap_or_default(),)*)?
                        })
                    }
                }
                deserializer.deserialize_map(Object)
            }
        }

        impl $crate::validate::Validate for $name {
            fn validate(&self, at: &$crate::validate::Field<'_>) -> ::core::result::Result<(), $crate::validate::Violation> {
                $($(
                    $(limit!(@check &self.$req, at.name(stringify!($req)), $($rlimit)*);)?
                    self.$req.validate(&at.name(stringify!($req)))?;
                )*)?
                $($(
                    $(limit!(@present self.$opt, at.name(stringify!($opt)), $($olimit)*);)?
                    if let ::core::option::Option::Some(value) = &self.$opt {
                        $(limit!(@check value, at.name(stringify!($opt)), $($olimit)*);)?
                        value.validate(&at.name(stringify!($opt)))?;
                    }
                )*)?
                $($(
                    $(limit!(@check &self.$list, at.name(stringify!($list)), $($llimit)*);)?
                    self.$list.validate(&at.name(stringify!($list)))?;
                )*)?
                $($check(self, at)?;)?
                Ok(())
            }
        }

        #[cfg(feature = "schema")]
        impl ::schemars::JsonSchema for $name {
            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(generator: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                let mut object = $crate::schema::ObjectSchema::new(concat!($($doc, "\n",)*));
                $($(
                    let field = generator.subschema_for::<$rty>();
                    $(let field = limit!(@schema field, $($rlimit)*);)?
                    object.field(stringify!($req), concat!($($rdoc, "\n",)*), field, true);
                )*)?
                $($(
                    let field = generator.subschema_for::<$oty>();
                    $(let field = limit!(@schema field, $($olimit)*);)?
                    let mandatory = limit!(@mandatory $($($olimit)*)?);
                    object.field(stringify!($opt), concat!($($odoc, "\n",)*), field, mandatory);
                )*)?
                $($(
                    let field = generator.subschema_for::<::std::vec::Vec<$lty>>();
                    $(let field = limit!(@schema field, $($llimit)*);)?
                    let mandatory = limit!(@mandatory $($($llimit)*)?);
                    object.field(stringify!($list), concat!($($ldoc, "\n",)*), field, mandatory);
                )*)?
                object.finish()
            }
        }
    };
}

/// A limit of a field: said, checked, described.
macro_rules! limit {
    (@doc chars $min:literal ..= $max:literal) => {
        concat!("\n\n", $min, " to ", $max, " characters.")
    };
    (@doc range $min:literal ..= $max:literal) => {
        concat!("\n\nRange: ", $min, " to ", $max, ".")
    };
    (@doc items $min:literal ..= $max:literal) => {
        concat!("\n\n", $min, " to ", $max, " items.")
    };
    (@doc some) => {
        "\n\nAt least one."
    };
    (@doc needed) => {
        "\n\nMandatory."
    };
    (@mandatory some) => {
        true
    };
    (@mandatory needed) => {
        true
    };
    (@mandatory $($other:tt)*) => {
        false
    };
    (@present $value:expr, $at:expr, needed) => {
        if $value.is_none() {
            return Err($at.missing("it is mandatory and absent"));
        }
    };
    (@present $value:expr, $at:expr, $($other:tt)*) => {};
    (@check $value:expr, $at:expr, needed) => {};
    (@check $value:expr, $at:expr, some) => {
        if $value.is_empty() {
            return Err($at.missing("it is mandatory and absent or empty"));
        }
    };
    (@check $value:expr, $at:expr, chars $min:literal ..= $max:literal) => {
        $at.length(::core::convert::AsRef::<str>::as_ref($value), $min, $max)?
    };
    (@check $value:expr, $at:expr, range $min:literal ..= $max:literal) => {
        $at.range(*$value, $min, $max)?
    };
    (@check $value:expr, $at:expr, items $min:literal ..= $max:literal) => {
        $at.items($value.len(), $min, $max)?
    };
    (@schema $schema:ident, needed) => {
        $schema
    };
    (@schema $schema:ident, some) => {
        $crate::schema::limited($schema, [("minItems", 1.into())])
    };
    (@schema $schema:ident, chars $min:literal ..= $max:literal) => {
        $crate::schema::limited($schema, [("minLength", $min.into()), ("maxLength", $max.into())])
    };
    (@schema $schema:ident, range $min:literal ..= $max:literal) => {
        $crate::schema::limited($schema, [("minimum", $min.into()), ("maximum", $max.into())])
    };
    (@schema $schema:ident, items $min:literal ..= $max:literal) => {
        $crate::schema::limited($schema, [("minItems", $min.into()), ("maxItems", $max.into())])
    };
}
