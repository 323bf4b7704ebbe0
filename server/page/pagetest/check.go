package pagetest

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// element is a start tag of a page with the text that follows it, to its end.
type element struct {
	name string
	attr map[string]string
	text string
	in   []string // the elements around it
}

// Check reports what a page lacks.
func Check(t testing.TB, name, page string) {
	t.Helper()
	for _, fault := range Faults(page) {
		t.Errorf("%s: %s\n%s", name, fault, page)
	}
}

// Faults lists what a page lacks.
func Faults(page string) (found []string) {
	all, err := elements(page)
	if err != nil {
		return []string{err.Error()}
	}
	d := document{all}
	return slices.Concat(d.whole(), d.ids(), d.fields(), d.buttons(), d.tables(), d.quiet(page))
}

type document struct{ all []element }

func (d document) named(name string) (found []element) {
	for _, e := range d.all {
		if e.name == name {
			found = append(found, e)
		}
	}
	return found
}

// whole is what each page has once.
func (d document) whole() (found []string) {
	for _, name := range []string{"html", "title", "main", "h1"} {
		if n := len(d.named(name)); n != 1 {
			found = append(found, fmt.Sprintf("there are %d <%s>, one is wanted", n, name))
		}
	}
	for _, e := range d.all {
		switch {
		case e.name == "html" && e.attr["lang"] == "":
			found = append(found, "the language is not named")
		case slices.Contains([]string{"title", "h1", "h2", "h3", "label", "legend", "caption", "button"}, e.name) && e.text == "":
			found = append(found, "an empty <"+e.name+">")
		}
	}
	return found
}

// ids are used once, and what is named by them is there.
func (d document) ids() (found []string) {
	seen := map[string]int{}
	for _, e := range d.all {
		if id, has := e.attr["id"]; has {
			seen[id]++
		}
	}
	for id, n := range seen {
		if n > 1 {
			found = append(found, "the id "+id+" is used "+fmt.Sprint(n)+" times")
		}
	}
	for _, e := range d.all {
		for _, id := range strings.Fields(e.attr["aria-describedby"] + " " + e.attr["for"]) {
			if seen[id] == 0 {
				found = append(found, "<"+e.name+"> names "+id+", which is not there")
			}
		}
	}
	return found
}

// fields have a label, say what they take, and what is wrong with them is tied to them.
func (d document) fields() (found []string) {
	for _, e := range slices.Concat(d.named("input"), d.named("select"), d.named("textarea")) {
		if e.attr["type"] == "hidden" {
			continue
		}
		labels := slices.ContainsFunc(d.named("label"), func(l element) bool { return l.attr["for"] == e.attr["id"] && l.text != "" })
		_, fill := e.attr["autocomplete"]
		_, wrong := e.attr["aria-invalid"]
		switch {
		case e.attr["id"] == "" || !labels:
			found = append(found, "the field "+e.attr["name"]+" has no label")
		case !fill && e.attr["type"] != "checkbox":
			found = append(found, "the field "+e.attr["name"]+" does not say what it takes")
		case wrong && e.attr["aria-describedby"] == "":
			found = append(found, "the field "+e.attr["name"]+" does not say what is wrong with it")
		case e.attr["type"] == "checkbox" && !slices.Contains(e.in, "fieldset"):
			found = append(found, "the choice "+e.attr["value"]+" belongs to no group")
		}
	}
	return found
}

// buttons that read the same on a page are told apart.
func (d document) buttons() (found []string) {
	seen := map[string]bool{}
	for _, e := range d.named("button") {
		name := e.text
		if says := e.attr["aria-label"]; says != "" {
			name = says
			if !strings.HasPrefix(says, e.text) {
				found = append(found, "the button "+e.text+" is called otherwise than it reads: "+says)
			}
		}
		if seen[name] {
			found = append(found, "two buttons are called "+name)
		}
		seen[name] = true
	}
	return found
}

// tables say what they hold, and over which column a heading stands.
func (d document) tables() (found []string) {
	if len(d.named("table")) != len(d.named("caption")) {
		found = append(found, "a table has no caption")
	}
	for _, e := range d.named("th") {
		if e.attr["scope"] == "" {
			found = append(found, "a heading of a table does not say of what")
		}
	}
	return found
}

var inline = regexp.MustCompile(`(?i)<script|<style|\s(on\w+|style)=|javascript:|ZgotmplZ|%!`)

// quiet is a page that runs nothing and has no style of its own, and in which nothing went wrong when it was put together.
func (d document) quiet(page string) (found []string) {
	for _, m := range inline.FindAllString(page, -1) {
		found = append(found, "this must not stand in a page: "+m)
	}
	for _, e := range d.all {
		if order := e.attr["tabindex"]; order != "" && order != "0" {
			found = append(found, "the order in which fields are reached is changed")
		}
	}
	return found
}

// elements reads HTML of the kind that package page writes.
func elements(page string) ([]element, error) {
	r := xml.NewDecoder(strings.NewReader(page))
	r.Strict, r.AutoClose, r.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	var all []element
	var open []int
	for {
		token, err := r.Token()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, fmt.Errorf("it cannot be read: %w", err)
		}
		switch x := token.(type) {
		case xml.StartElement:
			all = append(all, started(x, all, open))
			open = append(open, len(all)-1)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			for _, n := range open {
				all[n].text = strings.TrimSpace(all[n].text + " " + strings.TrimSpace(string(x)))
			}
		}
	}
}

func started(x xml.StartElement, all []element, open []int) element {
	e := element{name: x.Name.Local, attr: map[string]string{}}
	for _, a := range x.Attr {
		e.attr[a.Name.Local] = a.Value
	}
	for _, n := range open {
		e.in = append(e.in, all[n].name)
	}
	return e
}
