package patch

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"

	"github.com/ficushealth/ficus/fault"
)

// markup is one node of an XML document: an element, text, a comment or a processing instruction. Markup without a name, a
// target and a parent is the document itself.
type markup struct {
	kind   markupKind
	name   xml.Name
	attrs  []xml.Attr // of an element; declarations of prefixes too
	text   string     // of text, a comment or an instruction
	kids   []*markup
	parent *markup
}

type markupKind uint8

const (
	wholeItem markupKind = iota
	elementItem
	textItem
	commentItem
	instructionItem
)

const xmlNamespace = "http://www.w3.org/XML/1998/namespace"

// readXML reads a document. Faults: Invalid with the place, TooLarge.
func readXML(doc []byte) (*markup, error) {
	if len(doc) > maxSize {
		return nil, tooLarge()
	}
	root := &markup{}
	d, at, depth := xml.NewDecoder(bytes.NewReader(doc)), root, 0
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return root, nil
		}
		line, col := d.InputPos()
		if err != nil {
			return nil, fault.At(fault.Invalid, fault.Issue{Code: "structure", Text: "the XML is not well-formed", Line: line, Col: col})
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			if depth++; depth > 2*maxDepth {
				return nil, tooLarge()
			}
			at = at.put(&markup{kind: elementItem, name: tok.Name, attrs: declarations(tok.Attr)})
		case xml.EndElement:
			depth--
			at = at.parent
		case xml.CharData:
			at.write(string(tok))
		case xml.Comment:
			at.put(&markup{kind: commentItem, text: string(tok)})
		case xml.ProcInst:
			if at != root {
				at.put(&markup{kind: instructionItem, name: xml.Name{Local: tok.Target}, text: string(tok.Inst)})
			}
		case xml.Directive:
			return nil, fault.At(fault.Invalid, fault.Issue{Code: "structure", Text: "a document type must not stand here", Line: line, Col: col})
		}
	}
}

// declarations are the attributes without that of the default namespace, which every name carries itself.
func declarations(attrs []xml.Attr) []xml.Attr {
	return slices.DeleteFunc(slices.Clone(attrs), func(a xml.Attr) bool { return a.Name.Space == "" && a.Name.Local == "xmlns" })
}

// put appends a child and gives it.
func (n *markup) put(kid *markup) *markup {
	kid.parent = n
	n.kids = append(n.kids, kid)
	return kid
}

// write appends text; neighbouring texts are one node.
func (n *markup) write(text string) {
	if k := len(n.kids); k > 0 && n.kids[k-1].kind == textItem {
		n.kids[k-1].text += text
		return
	}
	n.put(&markup{kind: textItem, text: text})
}

// root is the document's element, nil if there is none.
func (n *markup) element() *markup {
	for _, kid := range n.kids {
		if kid.kind == elementItem {
			return kid
		}
	}
	return nil
}

// insert puts nodes before child i, and joins the texts that meet.
func (n *markup) insert(i int, fresh []*markup) {
	for _, kid := range fresh {
		kid.parent = n
	}
	n.kids = joined(slices.Insert(n.kids, i, fresh...))
}

func joined(list []*markup) []*markup {
	out := list[:0:0]
	for _, kid := range list {
		if k := len(out); kid.kind == textItem && k > 0 && out[k-1].kind == textItem {
			out[k-1] = &markup{kind: textItem, text: out[k-1].text + kid.text, parent: kid.parent}
			continue
		}
		out = append(out, kid)
	}
	return out
}

// drop takes a child away.
func (n *markup) dropKid(kid *markup) {
	i := slices.Index(n.kids, kid)
	n.kids = joined(slices.Delete(slices.Clone(n.kids), i, i+1))
}

func (n *markup) clone(parent *markup) *markup {
	out := &markup{kind: n.kind, name: n.name, attrs: slices.Clone(n.attrs), text: n.text, parent: parent}
	for _, kid := range n.kids {
		out.kids = append(out.kids, kid.clone(out))
	}
	return out
}

// append writes the node; space is the default namespace around it.
func (n *markup) append(dst []byte, space string) []byte {
	switch n.kind {
	case textItem:
		return escaped(dst, n.text)
	case commentItem:
		return append(append(append(dst, "<!--"...), n.text...), "-->"...)
	case instructionItem:
		return append(append(append(append(append(dst, "<?"...), n.name.Local...), ' '), n.text...), "?>"...)
	case wholeItem:
		return n.inside(dst, space)
	}
	dst = append(append(dst, '<'), n.name.Local...)
	if n.name.Space != space {
		dst = append(escaped(append(dst, ` xmlns="`...), n.name.Space), '"')
	}
	for _, a := range n.attrs {
		dst = append(append(append(dst, ' '), prefixed(a.Name)...), `="`...)
		dst = append(escaped(dst, a.Value), '"')
	}
	if len(n.kids) == 0 {
		return append(dst, "/>"...)
	}
	dst = n.inside(append(dst, '>'), n.name.Space)
	return append(append(append(dst, "</"...), n.name.Local...), '>')
}

func (n *markup) inside(dst []byte, space string) []byte {
	for _, kid := range n.kids {
		dst = kid.append(dst, space)
	}
	return dst
}

func prefixed(n xml.Name) string {
	switch n.Space {
	case "":
		return n.Local
	case xmlNamespace:
		return "xml:" + n.Local
	}
	return n.Space + ":" + n.Local
}

func escaped(dst []byte, s string) []byte {
	var b bytes.Buffer
	if err := xml.EscapeText(&b, []byte(s)); err != nil {
		return dst // a buffer takes everything
	}
	return append(dst, b.Bytes()...)
}
