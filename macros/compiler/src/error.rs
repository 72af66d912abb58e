//! Errors: collected, so that all of a function's are reported at once, and worded in three parts: what cannot be
//! differentiated, why, and what to write instead.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};

/// The errors of one expansion.
#[derive(Debug, Default)]
pub struct Errors {
    list: Vec<(Span, Span, String)>,
    suspects: Vec<Suspect>,
    left_to_rustc: bool,
}

/// How a function is called.
#[derive(Debug)]
pub enum Called {
    /// As the method of a receiver of that type.
    OnA(TokenStream),
    /// By that path.
    By(TokenStream),
}

/// A function that is an error if it exists: where it does not, rustc says so in the function itself, and once is enough.
#[derive(Debug)]
struct Suspect {
    name: Ident,
    /// The type of the receiver, where it is called as a method.
    receiver: Option<TokenStream>,
    call: TokenStream,
    message: String,
}

impl Suspect {
    /// Code with an error of that message where the method exists.
    fn to_tokens(&self, index: usize, under: &Under) -> TokenStream {
        let Self { name, call, message, .. } = self;
        let receiver = self.receiver.iter();
        let check = quote_spanned!(name.span()=> HasDerivative::check);
        let block = quote!({
            #[diagnostic::on_unimplemented(message = #message, label = "no rule for its derivative is known")]
            trait HasDerivative: Sized {
                fn check(self) {}
            }
            trait Never {}
            #[diagnostic::do_not_recommend]
            impl<R: Never> HasDerivative for R {}
            fn any<V>() -> V {
                ::core::unreachable!()
            }
            fn suspect(#(receiver: #receiver)*) {
                #check(#call)
            }
        });
        under.constant(&format!("suspect_{index}"), &block)
    }
}

/// Where code of an error stands.
pub struct Under<'a> {
    /// Attributes.
    pub attributes: &'a TokenStream,
    /// The name of the function, if it is one of an `impl`.
    pub member: Option<&'a Ident>,
}

impl Under<'_> {
    /// A block that is compiled and never run.
    pub fn constant(&self, purpose: &str, block: &TokenStream) -> TokenStream {
        let attributes = self.attributes;
        // a constant may stand in an `impl` only with a name
        match self.member {
            Some(member) => {
                let constant = Ident::new(&format!("__differentiable_{member}_{purpose}"), Span::call_site());
                quote!(#attributes #[doc(hidden)] #[inline] const fn #constant() #block)
            }
            None => quote!(#attributes const _: () = #block;),
        }
    }
}

impl Errors {
    /// Adds an error at the tokens, as far as they stand in the source.
    pub fn at(&mut self, tokens: &impl quote::ToTokens, message: impl Into<String>) {
        let mut spans = Vec::new();
        written(tokens.to_token_stream(), &mut spans);
        let first = spans.first().copied().unwrap_or_else(Span::call_site);
        let last = spans.last().copied().unwrap_or(first);
        self.push(first, last, message.into());
    }

    /// Adds an error at the span.
    pub fn span(&mut self, span: Span, message: impl Into<String>) {
        self.push(span, span, message.into());
    }

    fn push(&mut self, first: Span, last: Span, message: String) {
        if !self.list.iter().any(|(_, _, known)| *known == message) || self.list.len() < 64 {
            self.list.push((first, last, message));
        }
    }

    /// Takes over what `syn` reports.
    pub fn syn(&mut self, error: &syn::Error) {
        for error in error.clone() {
            self.span(error.span(), error.to_string());
        }
    }

    /// There is a mistake that rustc reports in the function itself, in every case: to say it again would make two of one.
    pub fn leave_to_rustc(&mut self) {
        self.left_to_rustc = true;
    }

    /// Adds an error at a function of that name, if there is one.
    pub fn if_it_exists(&mut self, name: &Ident, called: Called, arguments: usize, message: String) {
        let arguments = (0..arguments).map(|_| quote!(any()));
        let (receiver, call) = match called {
            Called::OnA(ty) => (Some(ty), quote_spanned!(name.span()=> receiver.#name(#(#arguments),*))),
            Called::By(path) => (None, quote_spanned!(name.span()=> #path(#(#arguments),*))),
        };
        self.suspects.push(Suspect { name: name.clone(), receiver, call, message });
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.list.len() + self.suspects.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count() == 0 && !self.left_to_rustc
    }

    /// Invocations of `compile_error!` for all of them.
    pub fn to_tokens(&self) -> TokenStream {
        self.to_tokens_under(&Under { attributes: &TokenStream::new(), member: None })
    }

    /// The same at a place.
    pub fn to_tokens_under(&self, under: &Under) -> TokenStream {
        let attributes = under.attributes;
        let certain = self.list.iter().map(|(first, last, message)| {
            let path = quote_spanned!(*first=> ::core::compile_error);
            quote_spanned!(*last=> #attributes #path! { #message })
        });
        certain.chain(self.suspects.iter().enumerate().map(|(index, suspect)| suspect.to_tokens(index, under))).collect()
    }
}

/// Where the tokens stand that were not made by the macro.
fn written(tokens: TokenStream, spans: &mut Vec<Span>) {
    for token in tokens {
        match token {
            token if !is_made(token.span()) => spans.push(token.span()),
            TokenTree::Group(group) => written(group.stream(), spans),
            _ => {}
        }
    }
}

/// Whether a token was made by the macro: it stands where the attribute does, as far as its span shows.
pub fn is_made(span: Span) -> bool {
    let place = |span: Span| {
        let shown = format!("{span:?}");
        shown.find("bytes(").map(|at| shown[at..].to_owned())
    };
    place(span) == place(Span::call_site())
}

/// `help:` with what to write instead.
pub fn with_help(what: &str, help: &str) -> String {
    format!("{what}\nhelp: {help}")
}

/// An active value enters something that has no derivative.
pub fn unsupported(what: &str, why: &str, help: &str) -> String {
    with_help(&format!("{what} cannot be differentiated: {why}"), help)
}

/// A construct of the language that is not differentiated yet.
pub fn not_yet(what: &str, help: &str) -> String {
    with_help(&format!("{what} is not supported where a derivative flows through it"), help)
}

/// The known name that was probably meant.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = name.chars().count();
    let is_part = |known: &str| length > 2 && (known.starts_with(name) || known.len() > 2 && name.starts_with(known));
    let near = known.into_iter().map(|known| (distance(name, known), known));
    let near = near.filter(|(distance, known)| *distance <= length / 3 || is_part(known));
    near.min_by_key(|(distance, _)| *distance).map(|(_, known)| known)
}

/// How many letters must be inserted, removed, replaced or exchanged with their neighbour to make one name of the other.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = replaced.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}
