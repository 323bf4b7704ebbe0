package validate

import (
	"encoding/xml"
	"strings"

	"github.com/ficushealth/ficus/fhir"
)

// narrative checks the text of a div: well-formed XHTML of the elements and attributes that FHIR allows, with something
// in it (https://hl7.org/fhir/R4/narrative.html, txt-1 and txt-2).
func (w *walk) narrative(v fhir.Value) {
	p := markup{rest: v.Str()}
	p.document()
	switch {
	case p.bad != "":
		w.say("invariant", v, "txt-1: %s", p.bad)
	case !p.content:
		w.say("invariant", v, "txt-2: the narrative has no text and no picture")
	}
	for _, href := range p.links {
		if id, ok := strings.CutPrefix(href, "#"); ok {
			w.pointsInside(id)
			continue
		}
		w.link(v, href)
	}
	if !w.terse {
		w.anchored(v, &p)
	}
}

// anchored tells of links inside a narrative that lead nowhere: to no anchor or id in it, and to no element of the resource.
func (w *walk) anchored(v fhir.Value, p *markup) {
	var known map[string]bool
	for _, href := range p.links {
		id, inside := strings.CutPrefix(href, "#")
		if !inside || id == "" {
			continue
		}
		if known == nil {
			known = map[string]bool{}
			elementIDs(w.container().node.Value(), known)
			for _, anchor := range p.ids {
				known[anchor] = true
			}
		}
		if !known[id] {
			known[id] = true // said once
			w.strict("not-found", v, "a link in the narrative points to an id that is not there")
		}
	}
}

// elementIDs collects the ids of the elements of a value.
func elementIDs(v fhir.Value, into map[string]bool) {
	c := v.Cursor()
	for m := c.Next(); m.Exists(); m = c.Next() {
		switch m.Kind() {
		case fhir.String:
			if m.Name() == "id" {
				into[m.Str()] = true
			}
		case fhir.Object, fhir.Array:
			elementIDs(m, into)
		}
	}
}

// link warns of a hyperlink that no browser can follow.
func (w *walk) link(v fhir.Value, href string) {
	scheme, _, found := strings.Cut(href, ":")
	if !found || strings.ContainsAny(scheme, "/#?&") {
		return
	}
	switch strings.ToLower(strings.TrimSpace(scheme)) {
	case "http", "https", "ftp", "mailto", "tel", "data", "cid", "sms", "file":
	case "javascript", "vbscript":
		w.say("invariant", v, "txt-1: a link in the narrative runs a script")
	default:
		w.strict("invalid", v, "a link in the narrative has a scheme that no browser follows: link to a http or https address")
	}
}

// markup reads the text of a narrative.
type markup struct {
	rest    string
	open    []string // names of the elements that are open
	bad     string   // what is wrong first; "" while nothing is
	content bool     // there is text or a picture
	links   []string
	ids     []string
	started bool
}

const mostOpen = 128

func (m *markup) fail(text string) {
	if m.bad == "" {
		m.bad = text
	}
	m.rest = ""
}

func (m *markup) document() {
	m.rest = strings.TrimSpace(m.rest)
	for m.rest != "" {
		if m.rest[0] == '<' {
			m.tag()
		} else {
			m.text()
		}
	}
	if m.bad == "" && (len(m.open) > 0 || !m.started) {
		m.bad = "an element of the narrative is not closed"
	}
}

// text reads up to the next tag.
func (m *markup) text() {
	end := strings.IndexByte(m.rest, '<')
	if end < 0 {
		end = len(m.rest)
	}
	t := m.rest[:end]
	m.rest = m.rest[end:]
	if len(m.open) == 0 && strings.TrimSpace(t) != "" {
		m.fail("the narrative is one div element, with nothing beside it")
		return
	}
	m.content = m.content || strings.TrimFunc(t, isBlank) != ""
	m.entities(t)
}

// isBlank tells white space; a no-break space is content.
func isBlank(r rune) bool { return r == ' ' || r == '\t' || r == '\n' || r == '\r' }

func (m *markup) entities(t string) {
	for {
		_, after, found := strings.Cut(t, "&")
		if !found {
			return
		}
		name, rest, closed := strings.Cut(after, ";")
		if !closed || !isEntity(name) {
			m.fail("the narrative has an & that begins no character: write &amp;")
			return
		}
		t = rest
	}
}

func isEntity(name string) bool {
	if digits, ok := strings.CutPrefix(name, "#"); ok {
		digits = strings.TrimPrefix(digits, "x")
		return digits != "" && strings.Trim(digits, "0123456789abcdefABCDEF") == ""
	}
	switch name {
	case "amp", "lt", "gt", "quot", "apos":
		return true
	}
	return xml.HTMLEntity[name] != ""
}

func (m *markup) tag() {
	switch {
	case strings.HasPrefix(m.rest, "<!--"):
		m.comment()
	case strings.HasPrefix(m.rest, cdata):
		m.verbatim()
	case strings.HasPrefix(m.rest, "<!"), strings.HasPrefix(m.rest, "<?"):
		m.fail("the narrative must hold no declarations or processing instructions")
	case strings.HasPrefix(m.rest, "</"):
		m.closing()
	default:
		m.opening()
	}
}

func (m *markup) comment() {
	_, after, found := strings.Cut(m.rest[4:], "-->")
	if !found {
		m.fail("a comment in the narrative does not end")
		return
	}
	m.rest = after
}

const cdata = "<![CDATA["

// verbatim reads a section in which nothing is markup.
func (m *markup) verbatim() {
	t, after, found := strings.Cut(m.rest[len(cdata):], "]]>")
	if !found || len(m.open) == 0 {
		m.fail("a CDATA section of the narrative does not end, or stands beside the div")
		return
	}
	m.content = m.content || strings.TrimFunc(t, isBlank) != ""
	m.rest = after
}

func (m *markup) closing() {
	name, after, found := strings.Cut(m.rest[2:], ">")
	if !found || len(m.open) == 0 || m.open[len(m.open)-1] != strings.TrimRight(name, " \t\r\n") {
		m.fail("an end tag of the narrative does not match what is open")
		return
	}
	m.open, m.rest = m.open[:len(m.open)-1], after
}

func (m *markup) opening() {
	name := leadingName(m.rest[1:])
	m.rest = m.rest[1+len(name):]
	m.allowed(name)
	m.started = true
	namespace := false
	for m.bad == "" {
		m.rest = strings.TrimLeft(m.rest, " \t\r\n")
		switch {
		case strings.HasPrefix(m.rest, "/>"):
			m.rest = m.rest[2:]
			m.named(name, namespace, len(m.open) == 0)
			return
		case strings.HasPrefix(m.rest, ">"):
			m.rest = m.rest[1:]
			m.named(name, namespace, len(m.open) == 0)
			m.open = append(m.open, name)
			return
		}
		namespace = m.attribute(name) || namespace
	}
}

// named checks the namespace of the first element and counts what is content.
func (m *markup) named(name string, namespace, first bool) {
	if first && !namespace {
		m.fail("the div of a narrative must be in the namespace " + xhtmlSpace)
	}
	m.content = m.content || name == "img"
}

const xhtmlSpace = "http://www.w3.org/1999/xhtml"

func (m *markup) allowed(name string) {
	first := len(m.open) == 0
	switch {
	case first && (name != "div" || m.started):
		m.fail("the narrative is one div element, with nothing beside it")
	case len(m.open) == mostOpen:
		m.fail("the narrative is nested too deep")
	case name == "" || !strings.Contains(xhtmlElements, " "+name+" "):
		m.fail("the narrative has an element that FHIR does not allow there")
	}
}

// attribute reads name="value" and says whether it is the namespace of XHTML.
func (m *markup) attribute(element string) (namespace bool) {
	name := leadingName(m.rest)
	m.rest = strings.TrimLeft(m.rest[len(name):], " \t\r\n")
	if name == "" || !strings.HasPrefix(m.rest, "=") {
		m.fail("a tag of the narrative is malformed")
		return false
	}
	value, ok := m.quoted()
	if !ok {
		return false
	}
	m.entities(value)
	switch {
	case name == "xmlns":
		if value != xhtmlSpace {
			m.fail("an element of the narrative is not in the namespace " + xhtmlSpace)
		}
		return true
	case strings.HasPrefix(name, "xmlns:") || strings.HasPrefix(name, "xml:"):
	case !strings.Contains(xhtmlAttributes, " "+name+" "):
		m.fail("the narrative has an attribute that FHIR does not allow there")
	case name == "href" && element == "a" || name == "src":
		m.links = append(m.links, value)
	case name == "id" || name == "name" && element == "a":
		m.ids = append(m.ids, value)
	}
	return false
}

func (m *markup) quoted() (string, bool) {
	m.rest = strings.TrimLeft(m.rest[1:], " \t\r\n")
	if m.rest != "" && (m.rest[0] == '"' || m.rest[0] == '\'') {
		if value, after, found := strings.Cut(m.rest[1:], m.rest[:1]); found && !strings.Contains(value, "<") {
			m.rest = after
			return value, true
		}
	}
	m.fail("an attribute of the narrative is malformed")
	return "", false
}

func leadingName(s string) string {
	for i := range len(s) {
		c := s[i]
		if c != ':' && c != '-' && c != '_' && c != '.' && !isDigit(c) && (c|0x20 < 'a' || c|0x20 > 'z') {
			return s[:i]
		}
	}
	return s
}

// xhtmlElements are those of chapters 7 to 11 (without section 4 of chapter 9) and 15 of HTML 4.0, and pictures and maps.
const xhtmlElements = " a abbr acronym address area b bdo big blockquote br caption center cite code col colgroup dd del dfn dir div dl dt em font" +
	" h1 h2 h3 h4 h5 h6 hr i img ins kbd li map ol p pre q s samp small span strike strong sub sup table tbody td tfoot th thead tr tt u ul var "

const xhtmlAttributes = " abbr accesskey align alt axis background bgcolor border cellpadding cellspacing char charoff charset cite class clear color" +
	" cols colspan compact coords datetime dir face frame headers height href hreflang hspace id lang longdesc name nohref noshade nowrap rel rev" +
	" rowspan rules scope shape size span src start style summary tabindex title type usemap valign value vspace width "
