package rest

import (
	"strings"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/search"
)

// A search whose parameters came in a body goes on at links that do not show them: what is
// asked is often about a patient, and addresses are kept in logs everywhere. The parameters stand
// sealed in the cursor instead.

// veil marks a cursor that holds the whole query.
const veil = "~"

// lift takes the query out of a cursor of that kind. Faults: Invalid for a cursor of another caller or
// place, or if there is anything beside it.
func (c *call) lift() error {
	for _, p := range c.pairs {
		sealed, is := strings.CutPrefix(p.Value, veil)
		if p.Name != "_cursor" || !is {
			continue
		}
		if len(c.pairs) > 1 {
			return fault.At(fault.Invalid, fault.Issue{Code: "invalid", Text: "a link of a search that was posted takes no other parameters", Expression: "http._cursor"})
		}
		query, err := c.desk.Unveil(c.ctx, strings.TrimSuffix(c.r.URL.Path, "/"), sealed)
		if err != nil {
			return err
		}
		c.veiled, c.asked = true, search.Encode(c.pairs)
		c.pairs, err = search.ParseQueryString(query)
		return err
	}
	return nil
}

// longLink is how long a veiled query may be. A longer one breaks at some proxy, so the form
// has to be posted again, to the link that is given, which holds no more than the place.
const longLink = 4000

// pageLinks are the query strings of a result's pages.
type pageLinks struct {
	self, first, next string
	further           bool // than the first page
	again             bool // the form has to be posted again
}

// linksOf are those of a page of a search at a path.
func (c *call) linksOf(path string, q search.Query, p store.Page) (l pageLinks, err error) {
	l.self = q.Link(q.Cursor)
	if c.asked != "" || c.veiled && !c.form { // of an operation; of a search the standard wants to see what was used
		l.self = c.asked
	}
	if l.further = q.Cursor != ""; l.further {
		if l.first, err = c.link(path, q.Link("")); err != nil {
			return l, err
		}
	}
	if p.Next != "" {
		l.next, err = c.link(path, q.Link(p.Next))
	}
	if l.again = max(len(l.first), len(l.next)) > longLink && c.form; l.again {
		l.first, l.next = "", search.Encode([]search.Pair{{Name: "_cursor", Value: p.Next}})
	}
	return l, err
}

// postAgain tells whoever follows the links.
func postAgain() fault.Issue {
	return fault.Issue{
		Code: "informational", Warning: true, Info: true,
		Text: "the parameters are too long for a link: post the same form again to the link of the next page, without any _cursor of its own",
	}
}

func (c *call) link(path, query string) (string, error) {
	if !c.veiled {
		return query, nil
	}
	sealed, err := c.desk.Veil(c.ctx, path, query)
	return search.Encode([]search.Pair{{Name: "_cursor", Value: veil + sealed}}), err
}

// linked writes the links of a page and begins its entries.
func (b *bundle) linked(path string, q search.Query, p store.Page) error {
	l, err := b.c.linksOf(path, q, p)
	if err != nil {
		return err
	}
	address := b.base + strings.TrimPrefix(path, root)
	b.links(p.Total)
	b.link("self", address, l.self)
	if l.again {
		address += "/_search"
	}
	if l.further {
		b.link("first", address, l.first)
	}
	if p.Next != "" {
		b.link("next", address, l.next)
	}
	b.entries()
	if l.again {
		b.outcome([]fault.Issue{postAgain()})
	}
	return nil
}
