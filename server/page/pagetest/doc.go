// Package pagetest checks pages for what people need who do not see them, have no mouse, or a small window.
//
// It owns the rules that can be read off the text of a page, and those that only a browser shows; package page promises them.
// Only tests import it.
package pagetest
