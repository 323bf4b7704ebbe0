package pagetest

import (
	"strings"
	"testing"
)

const good = `<!doctype html><html lang="en"><head><title>A</title></head><body><main><h1>A</h1><p id="wrong">No.</p>
<form><label for="a">A</label><input id="a" name="a" autocomplete="off" aria-describedby="wrong" aria-invalid="true" required>
<fieldset><legend>B</legend><label for="b">B</label><input type="checkbox" id="b" name="b" value="1"></fieldset>
<input type="hidden" name="x"><button aria-label="End it all">End it</button><button>End</button></form>
<table><caption>T</caption><tr><th scope="col">H</th></tr></table></main></body></html>`

// TestEachRuleIsBrokenByOneChange of a page that meets them all.
func TestEachRuleIsBrokenByOneChange(t *testing.T) {
	Check(t, "good", good)
	for name, change := range map[string][2]string{
		"no language":          {` lang="en"`, ``},
		"no title":             {`<title>A</title>`, ``},
		"no main part":         {`<main>`, `<div>`},
		"two first headings":   {`<h1>A</h1>`, `<h1>A</h1><h1>B</h1>`},
		"an empty heading":     {`<h1>A</h1>`, `<h1></h1>`},
		"an id twice":          {`id="b"`, `id="a"`},
		"a label for nothing":  {`for="b"`, `for="c"`},
		"no label":             {`<label for="a">A</label>`, ``},
		"no autocomplete":      {` autocomplete="off"`, ``},
		"an untied error":      {` aria-describedby="wrong"`, ``},
		"tied to nothing":      {`id="wrong"`, ``},
		"a choice by itself":   {`<fieldset>`, `<div>`},
		"another name":         {`aria-label="End it all"`, `aria-label="Stop it all"`},
		"two of the same name": {` aria-label="End it all"`, ` aria-label="End"`},
		"no caption":           {`<caption>T</caption>`, ``},
		"no scope":             {` scope="col"`, ``},
		"a script":             {`<main>`, `<main><script></script>`},
		"a handler":            {`<button>`, `<button onclick="x">`},
		"a style":              {`<button>`, `<button style="x">`},
		"another order":        {`<button>`, `<button tabindex="3">`},
		"a broken address":     {`<button>`, `<a href="#ZgotmplZ">x</a><button>`},
	} {
		page := strings.Replace(good, change[0], change[1], 1)
		page = strings.Replace(page, "</"+strings.TrimPrefix(change[0], "<"), "</"+strings.TrimPrefix(change[1], "<"), 1)
		if page == good || len(Faults(page)) == 0 {
			t.Errorf("%s is not found: %s", name, page)
		}
	}
}
