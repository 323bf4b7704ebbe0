package path

import (
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
)

// htmlChecks says whether a narrative's div is the XHTML that FHIR allows and holds something
// (https://hl7.org/fhir/R4/narrative.html#xhtml, invariants txt-1 and txt-2).
func htmlChecks(m *machine, c *call, base int) error {
	n, ok, err := c.single(m, base)
	if err != nil || !ok {
		return err
	}
	if err := m.charge(1+len(n.Str())/16, c.pos); err != nil {
		return err
	}
	return m.give(base, boolean(allowedHTML(n.Str())))
}

func allowedHTML(s string) bool {
	d := xml.NewDecoder(strings.NewReader(s))
	d.Entity = xml.HTMLEntity
	depth, content := 0, false
	for {
		t, err := d.Token()
		if err != nil {
			return errors.Is(err, io.EOF) && depth == 0 && content
		}
		switch t := t.(type) {
		case xml.StartElement:
			if !allowedElement(t, depth) {
				return false
			}
			content = content || t.Name.Local == "img"
			depth++
		case xml.EndElement:
			depth--
		case xml.CharData:
			if text := strings.TrimSpace(string(t)); text != "" {
				if depth == 0 {
					return false
				}
				content = true
			}
		case xml.Directive, xml.ProcInst:
			return false
		}
	}
}

const xhtml = "http://www.w3.org/1999/xhtml"

// allowedElements are those of chapters 7 to 11 (without section 4 of chapter 9) and 15 of HTML 4.0.
const allowedElements = " a abbr acronym b big blockquote br caption center cite code col colgroup dd dfn div dl dt em font h1 h2 h3 h4 h5 h6 hr i img" +
	" ins del kbd li map area ol p pre q s samp small span strike strong sub sup table tbody td tfoot th thead tr tt u ul var "

const allowedAttributes = " abbr accesskey align alt axis background bgcolor border cellpadding cellspacing char charoff charset cite class clear color" +
	" cols colspan compact coords datetime dir face frame headers height href hreflang hspace id lang longdesc name nohref noshade nowrap rel rev" +
	" rowspan rules scope shape size span src start style summary tabindex title type usemap valign value vspace width xmlns "

func allowedElement(e xml.StartElement, depth int) bool {
	if e.Name.Space != xhtml || depth == 0 && e.Name.Local != "div" {
		return false
	}
	if !strings.Contains(allowedElements, " "+e.Name.Local+" ") {
		return false
	}
	return !slices.ContainsFunc(e.Attr, func(a xml.Attr) bool { return !allowedAttribute(a) })
}

func allowedAttribute(a xml.Attr) bool {
	if a.Name.Space == "xml" || a.Name.Space == "http://www.w3.org/XML/1998/namespace" {
		return true
	}
	scheme, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(a.Value)), ":")
	if (a.Name.Local == "href" || a.Name.Local == "src") && (scheme == "javascript" || scheme == "vbscript") {
		return false
	}
	return a.Name.Space == "" && strings.Contains(allowedAttributes, " "+a.Name.Local+" ")
}
