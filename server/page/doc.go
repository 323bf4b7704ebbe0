// Package page is the beginning of the design system: what all pages for people are made of.
//
// A Page is put together of parts (Text, Notice, Section, Form with Field, Choices and Button, List, Table, Codes, Scan), which are Go
// values; how each looks and how it is read aloud is decided here alone, in parts.html and style.css. Colours, spaces and sizes
// are the custom properties at the head of style.css, for light and dark; no other file names one.
//
// It promises that a page has one first heading, a language and a title; that each field has a label and names what it takes
// (autocomplete), and that what is wrong with it is tied to it (aria-describedby); that text stands out from what is behind it by
// 4.5 to 1 at least and the lines of fields by 3 to 1 (WCAG 2.2 AA); that it fits into 320 pixels and can be used with the keyboard alone; that whatever
// is put in is escaped; and that no page runs a script or has a style of its own, so that its Content-Security-Policy can
// forbid both. pagetest checks this of pages of others.
//
// It knows nothing of what a page is about, and keeps nothing. Styles are served under a name that holds their hash.
package page
