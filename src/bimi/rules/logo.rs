//! The rules about the logo: SVG Tiny Portable/Secure. They are run by `logo_file`, which needs to read XML.

use crate::finding::rules;

rules! {
    /// # The logo is not SVG Tiny PS
    ///
    /// The profile allows no scripts, no links to elsewhere, no place in a page, and asks for a title. Receivers show no other file.
    ///
    /// ```bimi-logo bad
    /// <svg xmlns="http://www.w3.org/2000/svg" version="1.1" viewBox="0 0 10 10"><title>Example</title></svg>
    /// ```
    ///
    /// ```bimi-logo bad
    /// <svg xmlns="http://www.w3.org/2000/svg" version="1.2" baseProfile="tiny-ps" viewBox="0 0 10 10"><title>Example</title>
    /// <script>alert(1)</script></svg>
    /// ```
    ///
    /// ```bimi-logo good
    /// <svg xmlns="http://www.w3.org/2000/svg" version="1.2" baseProfile="tiny-ps" viewBox="0 0 10 10"><title>Example</title></svg>
    /// ```
    PROFILE = "bimi-svg-profile", Error, NoLogo, ["BIMI draft §4.3", "SVG Tiny PS §2"], "the logo is not SVG Tiny PS: {why}";

    /// # The logo is large
    ///
    /// Receivers want at most 32 KB.
    ///
    /// ```bimi-logo bad pad=40000
    /// <svg xmlns="http://www.w3.org/2000/svg" version="1.2" baseProfile="tiny-ps" viewBox="0 0 10 10"><title>Example</title></svg>
    /// ```
    ///
    /// ```bimi-logo good
    /// <svg xmlns="http://www.w3.org/2000/svg" version="1.2" baseProfile="tiny-ps" viewBox="0 0 10 10"><title>Example</title></svg>
    /// ```
    SIZE = "bimi-svg-size", Warning, Differs, ["BIMI draft §4.3"], "the logo has {octets} octets, and receivers want at most 32768";

    /// # The logo is not square
    ///
    /// Mailboxes show it in a square or a circle, and cut what does not fit.
    ///
    /// ```bimi-logo bad
    /// <svg xmlns="http://www.w3.org/2000/svg" version="1.2" baseProfile="tiny-ps" viewBox="0 0 200 100"><title>Example</title></svg>
    /// ```
    ///
    /// ```bimi-logo good
    /// <svg xmlns="http://www.w3.org/2000/svg" version="1.2" baseProfile="tiny-ps" viewBox="0 0 100 100"><title>Example</title></svg>
    /// ```
    NOT_SQUARE = "bimi-svg-not-square", Note, Ok, ["BIMI draft §4.3"], "the logo is {width} wide and {height} high, and should be square";

    /// # The title says nothing
    ///
    /// The title is what people with a screen reader hear. Write the name of the company.
    ///
    /// ```bimi-logo bad
    /// <svg xmlns="http://www.w3.org/2000/svg" version="1.2" baseProfile="tiny-ps" viewBox="0 0 10 10"><title>untitled</title></svg>
    /// ```
    ///
    /// ```bimi-logo good
    /// <svg xmlns="http://www.w3.org/2000/svg" version="1.2" baseProfile="tiny-ps" viewBox="0 0 10 10"><title>Example</title></svg>
    /// ```
    TITLE = "bimi-svg-title-generic", Note, Ok, ["BIMI draft §4.3"], "the title of the logo is `{title}`, which says nothing";
}
