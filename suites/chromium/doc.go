// Package chromium lets a test look at pages through a real browser.
//
// It starts Debian's Chromium without a window and with an empty profile, speaks the DevTools protocol with it over two pipes, and
// ends it with the test. Where there is none, the test is named as not run. It knows as much of the protocol as tests of pages
// need: go somewhere, run a line of JavaScript, set the window and the colour scheme, list cookies, take a picture. Certificates of
// tests are taken.
package chromium
