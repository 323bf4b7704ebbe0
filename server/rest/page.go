package rest

import (
	"net/http"
	"strconv"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/search"
)

// flushAt is how much of a Bundle is collected before it is sent in pieces. What stays
// below it goes out in one piece, with its length.
const flushAt = 256 << 10

// bundle writes a Bundle by putting stored bodies one behind the other.
type bundle struct {
	c    *call
	base string
	b    []byte
	lists
}

// lists says where in a Bundle's lists of links and entries the writer stands.
type lists struct {
	list string // how a list begins that has no item yet
	open bool   // a list has begun
}

func (c *call) begin(kind string) *bundle {
	buf, _ := c.s.buffers.Get().(*[]byte)
	if buf == nil {
		buf = new([]byte)
	}
	b := &bundle{c: c, base: c.base(), b: (*buf)[:0]}
	b.text(`{"resourceType":"Bundle","type":"` + kind + `"`)
	return b
}

func (b *bundle) text(s string)   { b.b = append(b.b, s...) }
func (b *bundle) string(s string) { b.b = fhir.AppendString(b.b, s) }

// raw appends a body and sends what is there if it has become much.
func (b *bundle) raw(body []byte) {
	b.b = append(b.b, body...)
	if len(b.b) < flushAt || !b.c.inPieces() {
		return
	}
	b.flush()
}

func (b *bundle) flush() {
	if !b.c.begun {
		b.c.head(http.StatusOK, -1)
	}
	b.c.write(b.b)
	b.b = b.b[:0]
}

// links begins the list of links. total is the number of matches, negative if it is not known.
func (b *bundle) links(total int64) {
	if total >= 0 {
		b.text(`,"total":` + strconv.FormatInt(total, 10))
	}
	b.list = `,"link":[`
}

// link is a place of the same result.
func (b *bundle) link(relation, address, query string) {
	b.item()
	b.text(`{"relation":"` + relation + `","url":`)
	if query != "" {
		address += "?" + query + b.c.shown()
	}
	b.string(address)
	b.text(`}`)
}

// shown is what a link adds to a query, so that what it leads to has the form of this answer.
func (c *call) shown() string {
	var list []search.Pair
	if c.format != "" {
		list = append(list, search.Pair{Name: "_format", Value: c.format})
	}
	if c.pretty {
		list = append(list, search.Pair{Name: "_pretty", Value: "true"})
	}
	if len(list) == 0 {
		return ""
	}
	return "&" + search.Encode(list)
}

// pages are the links of a search that has pages, and the beginning of its entries.
func (b *bundle) pages(address string, q search.Query, p store.Page) {
	b.links(p.Total)
	b.link("self", address, q.Link(q.Cursor))
	if q.Cursor != "" {
		b.link("first", address, q.Link(""))
	}
	if p.Next != "" {
		b.link("next", address, q.Link(p.Next))
	}
	b.entries()
}

// entries ends the links and begins the list of entries.
func (b *bundle) entries() {
	b.close()
	b.list = `,"entry":[`
}

// item goes before every item of a list. FHIR has no empty arrays, so a list begins with its first item.
func (b *bundle) item() {
	if b.list != "" {
		b.text(b.list)
		b.list, b.open = "", true
		return
	}
	b.text(",")
}

func (b *bundle) close() {
	if b.open {
		b.text("]")
	}
	b.open = false
}

// end sends what has not been sent.
func (b *bundle) end() error {
	b.close()
	b.text("}")
	defer b.c.s.keep(b.b)
	if !b.c.begun {
		return b.c.send(http.StatusOK, b.b)
	}
	b.c.write(b.b)
	return nil
}

// keep saves a buffer for the next answer, unless it has grown out of proportion.
func (s *Server) keep(b []byte) {
	if cap(b) <= 4*flushAt {
		s.buffers.Put(&b)
	}
}
