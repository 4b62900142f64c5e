//! The languages whose endings are known.

use alloc::string::String;

/// A language whose words are found in their other forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "their names say what they are")]
pub enum Language {
    Arabic,
    Danish,
    Dutch,
    English,
    Finnish,
    French,
    German,
    Greek,
    Hungarian,
    Italian,
    Norwegian,
    Portuguese,
    Romanian,
    Russian,
    Spanish,
    Swedish,
    Turkish,
}

/// Each language with its name and the first parts of its BCP 47 tags.
const ALL: [(Language, &str, &[&str]); 17] = [
    (Language::Arabic, "arabic", &["ar"]),
    (Language::Danish, "danish", &["da"]),
    (Language::Dutch, "dutch", &["nl"]),
    (Language::English, "english", &["en"]),
    (Language::Finnish, "finnish", &["fi"]),
    (Language::French, "french", &["fr"]),
    (Language::German, "german", &["de"]),
    (Language::Greek, "greek", &["el"]),
    (Language::Hungarian, "hungarian", &["hu"]),
    (Language::Italian, "italian", &["it"]),
    (Language::Norwegian, "norwegian", &["no", "nb", "nn"]),
    (Language::Portuguese, "portuguese", &["pt"]),
    (Language::Romanian, "romanian", &["ro"]),
    (Language::Russian, "russian", &["ru"]),
    (Language::Spanish, "spanish", &["es"]),
    (Language::Swedish, "swedish", &["sv"]),
    (Language::Turkish, "turkish", &["tr"]),
];

impl Language {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        ALL.iter().map(|(language, ..)| *language)
    }

    /// That of a BCP 47 tag, whatever region and script it names: `pt-BR` is Portuguese.
    ///
    /// ```
    /// # use pluresdb::types::Language;
    /// assert_eq!(Language::of_tag("pt-BR"), Some(Language::Portuguese));
    /// assert_eq!(Language::of_tag("ja"), None);
    /// ```
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split('-').next()?;
        let speaks = |tags: &[&str]| tags.iter().any(|known| known.eq_ignore_ascii_case(primary));
        ALL.iter().find(|(.., tags)| speaks(tags)).map(|(language, ..)| *language)
    }

    /// That of a name in English and small letters.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        ALL.iter().find(|(_, known, _)| *known == name).map(|(language, ..)| *language)
    }

    /// Its name in English, in small letters.
    #[must_use]
    pub fn name(self) -> &'static str {
        ALL.iter().find(|(language, ..)| *language == self).map_or("", |(_, name, _)| name)
    }

    /// The tags that are known, for a message.
    pub(super) fn tags() -> String {
        let mut tags = String::new();
        for tag in ALL.iter().flat_map(|(.., tags)| *tags) {
            if !tags.is_empty() {
                tags.push_str(", ");
            }
            tags.push_str(tag);
        }
        tags
    }
}
