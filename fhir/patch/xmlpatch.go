package patch

import (
	"encoding/xml"
	"slices"
	"strings"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	fhirxml "github.com/ficushealth/ficus/fhir/xml"
)

// XML reads an XML Patch (RFC 5261): a diff with add, replace and remove on the XML form of a resource. In its paths the
// prefixes f and h stand for the namespaces of FHIR and XHTML (https://hl7.org/fhir/R4/http.html#patch), unless the document
// declares them otherwise. Faults: Invalid with the place for anything else, TooLarge.
func XML(doc []byte) (Patch, error) {
	root, err := readXML(doc)
	if err != nil {
		return Patch{}, err
	}
	diff := root.element()
	if diff == nil || diff.name.Local != "diff" && diff.name.Local != "patch" {
		return Patch{}, fault.New(fault.Invalid, "an XML Patch is a diff with the operations add, replace and remove")
	}
	var p Patch
	for _, kid := range diff.kids {
		if kid.kind != elementItem {
			continue
		}
		if len(p.xml) == maxOperations {
			return Patch{}, tooLarge()
		}
		op, err := readXMLStep(kid, prefixesOf(diff, kid), len(p.xml))
		if err != nil {
			return Patch{}, err
		}
		p.xml = append(p.xml, op)
	}
	if len(p.xml) == 0 {
		return Patch{}, fault.New(fault.Invalid, "the patch has no operations")
	}
	return p, nil
}

// prefixesOf is what the prefixes in an operation's path stand for.
func prefixesOf(list ...*markup) map[string]string {
	out := map[string]string{"f": "http://hl7.org/fhir", "h": "http://www.w3.org/1999/xhtml", "xml": xmlNamespace}
	for _, n := range list {
		out[""] = n.name.Space
		for _, a := range n.attrs {
			if a.Name.Space == "xmlns" {
				out[a.Name.Local] = a.Value
			}
		}
	}
	return out
}

// xmlStep is one operation of an XML Patch.
type xmlStep struct {
	verb    string
	sel     selector
	kind    string // of an add: "@name" or "namespace::prefix"; else empty
	pos     string // of an add: prepend, before, after; empty is at the end
	ws      string // of a remove: before, after, both
	content []*markup
	where   place
}

func readXMLStep(n *markup, prefixes map[string]string, i int) (s xmlStep, err error) {
	s = xmlStep{verb: n.name.Local, content: n.kids, where: place{name: numbered(i, n.name.Local)}}
	attrs := map[string]string{}
	for _, a := range n.attrs {
		if a.Name.Space == "" {
			attrs[a.Name.Local] = a.Value
		}
	}
	s.kind, s.pos, s.ws = attrs["type"], attrs["pos"], attrs["ws"]
	var ok bool
	if s.sel, ok = readSelector(strings.TrimSpace(attrs["sel"]), prefixes); !ok {
		return s, s.where.malformed("sel must be a path of names, positions, attributes and node tests, such as f:Patient/f:name[1]")
	}
	switch s.verb {
	case "add":
		if !slices.Contains([]string{"", "prepend", "before", "after"}, s.pos) || s.kind != "" && (s.pos != "" || s.named() == "") {
			err = s.where.malformed("pos is prepend, before or after; type is @name or namespace::prefix, without pos")
		}
	case "replace":
	case "remove":
		if !slices.Contains([]string{"", "before", "after", "both"}, s.ws) {
			err = s.where.malformed("ws is before, after or both")
		}
	default:
		err = s.where.malformed("an operation is add, replace or remove")
	}
	return s, err
}

// named is the attribute, or the prefix, that an add is for.
func (s xmlStep) named() string {
	for _, begin := range []string{"@", "namespace::"} {
		if name, is := strings.CutPrefix(s.kind, begin); is && plainName(name) {
			return name
		}
	}
	return ""
}

// applyXML carries the operations out on the XML form.
func (p Patch) applyXML(watch fhir.Watch, r fhir.Resource) (fhir.Value, error) {
	text, err := fhirxml.Append(nil, r)
	if err != nil {
		return fhir.Value{}, err
	}
	doc, err := readXML(text)
	if err != nil {
		return fhir.Value{}, err
	}
	if err := p.edit(watch, doc); err != nil {
		return fhir.Value{}, err
	}
	out, err := fhirxml.ParseAnyOrder(doc.append(nil, ""), fhir.Limits{Bytes: maxResult, Depth: maxDepth})
	if err != nil {
		return fhir.Value{}, fault.New(fault.Unprocessable, "what the patch leaves is no resource: %s", fault.Find(err).Text)
	}
	return out.Value, nil
}

// edit carries the operations out on a document.
func (p Patch) edit(watch fhir.Watch, doc *markup) error {
	if doc.element() == nil {
		return fault.New(fault.Unprocessable, "there is no document to be patched")
	}
	work := maxSize
	for _, s := range p.xml {
		if err := watch.Over(); err != nil {
			return err
		}
		if err := s.apply(doc, &work); err != nil {
			return s.where.wrap(err)
		}
	}
	return nil
}

func (s xmlStep) apply(doc *markup, work *int) error {
	found, err := s.sel.find(doc, work)
	switch {
	case err != nil:
		return err
	case len(found) == 0:
		return refusal("the path leads to nothing in this resource")
	case len(found) > 1:
		return refusal("the path must lead to a single node; here it leads to several")
	}
	n := found[0]
	switch {
	case s.verb == "add":
		return s.add(n, work)
	case s.sel.attribute != "":
		return s.attribute(n)
	case s.verb == "replace":
		return s.replace(n, work)
	}
	return s.remove(n)
}

func (s xmlStep) add(n *markup, work *int) error {
	if s.sel.attribute != "" || n.kind != elementItem && (s.pos == "" || s.pos == "prepend" || s.kind != "") {
		return refusal("the path of an add must lead to an element")
	}
	if s.kind != "" {
		return s.addAttribute(n)
	}
	fresh, err := s.copies(work)
	if err != nil {
		return err
	}
	at := n.parent
	switch s.pos {
	case "before", "after":
		if at.kind == wholeItem {
			return refusal("nothing may stand beside the root")
		}
		i := slices.Index(at.kids, n)
		if s.pos == "after" {
			i++
		}
		at.insert(i, fresh)
	case "prepend":
		n.insert(0, fresh)
	default:
		n.insert(len(n.kids), fresh)
	}
	return nil
}

func (s xmlStep) addAttribute(n *markup) error {
	a := xml.Attr{Name: xml.Name{Local: s.named()}, Value: (&markup{kids: s.content}).words()}
	if strings.HasPrefix(s.kind, "namespace") {
		a.Name.Space = "xmlns"
	}
	if slices.ContainsFunc(n.attrs, func(b xml.Attr) bool { return b.Name == a.Name }) {
		return refusal("the attribute is there already; use replace")
	}
	n.attrs = append(n.attrs, a)
	return nil
}

// copies is the content of the operation for one use of it.
func (s xmlStep) copies(work *int) (out []*markup, err error) {
	for _, kid := range s.content {
		if *work -= len(kid.append(nil, "")); *work < 0 {
			return nil, tooLarge()
		}
		out = append(out, kid.clone(nil))
	}
	return out, nil
}

// attribute replaces or removes an attribute.
func (s xmlStep) attribute(n *markup) error {
	i := slices.IndexFunc(n.attrs, func(a xml.Attr) bool { return a.Name == xml.Name{Local: s.sel.attribute} })
	if i < 0 {
		return refusal("the path leads to an attribute that is not there")
	}
	if s.verb == "remove" {
		n.attrs = slices.Delete(n.attrs, i, i+1)
		return nil
	}
	n.attrs[i].Value = (&markup{kids: s.content}).words()
	return nil
}

func (s xmlStep) replace(n *markup, work *int) error {
	fresh, err := s.copies(work)
	if err != nil {
		return err
	}
	if n.kind != textItem { // white space around what replaces one node is none of it
		fresh = slices.DeleteFunc(fresh, func(k *markup) bool { return k.kind == textItem && strings.TrimSpace(k.text) == "" })
	}
	if n.kind != textItem && (len(fresh) != 1 || fresh[0].kind != n.kind) {
		return refusal("a node can be replaced by one of its own kind only")
	}
	if slices.ContainsFunc(fresh, func(k *markup) bool { return k.kind != n.kind }) {
		return refusal("text can be replaced by text only")
	}
	at, i := n.parent, slices.Index(n.parent.kids, n)
	at.kids = slices.Delete(slices.Clone(at.kids), i, i+1)
	at.insert(i, fresh)
	return nil
}

func (s xmlStep) remove(n *markup) error {
	at := n.parent
	if at.kind == wholeItem {
		return refusal("the root cannot be taken away")
	}
	i := slices.Index(at.kids, n)
	var doomed []*markup
	if s.ws == "before" || s.ws == "both" {
		doomed = append(doomed, blank(at.kids, i-1))
	}
	if s.ws == "after" || s.ws == "both" {
		doomed = append(doomed, blank(at.kids, i+1))
	}
	if slices.Contains(doomed, nil) {
		return refusal("there is no white space where the operation wants to remove it")
	}
	for _, kid := range append(doomed, n) {
		at.dropKid(kid)
	}
	return nil
}

// blank is the node at that place if it is white space, nil otherwise.
func blank(list []*markup, i int) *markup {
	if i < 0 || i >= len(list) || list[i].kind != textItem || strings.TrimSpace(list[i].text) != "" {
		return nil
	}
	return list[i]
}
