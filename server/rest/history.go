package rest

import (
	"strconv"
	"time"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/search"
)

// historyOfOne answers GET [type]/[id]/_history, historyOfType GET [type]/_history and
// historyOfAll GET _history (https://hl7.org/fhir/R4/http.html#history): newest first.
func (c *call) historyOfOne() error { return c.history() }

func (c *call) historyOfType() error { return c.history() }

func (c *call) historyOfAll() error { return c.history() }

func (c *call) history() error {
	q, err := c.historyQuery()
	if err != nil {
		return err
	}
	p, err := c.desk.History(c.ctx, q)
	if err != nil {
		return err
	}
	b := c.begin("history")
	b.links(p.Total)
	b.link("self", c.here(), search.Encode(c.pairs))
	if p.Next != "" {
		b.link("next", c.here(), search.Query{Used: c.pairs}.Link(p.Next))
	}
	b.entries()
	for _, v := range p.Entries {
		b.version(v)
	}
	return b.end()
}

// here is the address of the history.
func (c *call) here() string {
	address := c.base()
	for _, part := range []string{c.typ, c.id, "_history"} {
		if part != "" {
			address += "/" + part
		}
	}
	return address
}

// historyQuery reads _count, _since and _cursor. Faults: Invalid.
func (c *call) historyQuery() (store.HistoryQuery, error) {
	q := store.HistoryQuery{Type: c.typ, ID: c.id, Count: -1}
	for _, p := range c.pairs {
		var err error
		switch p.Name {
		case "_count":
			q.Count, err = count(p.Value)
		case "_since":
			q.Since, err = instant(p.Value)
		case "_cursor":
			q.Cursor = p.Value
		case "_at", "_list", "_sort":
			err = fault.At(fault.Invalid, fault.Issue{Code: "not-supported", Text: p.Name + " is not supported yet for a history", Expression: "http." + p.Name})
		default:
			err = foreign(p)
		}
		if err != nil {
			return q, err
		}
	}
	return q, nil
}

func count(s string) (int, error) {
	n, err := strconv.ParseUint(s, 10, 31)
	if err != nil {
		return 0, fault.At(fault.Invalid, fault.Issue{Code: "value", Text: "_count must be a whole number", Expression: "http._count"})
	}
	return int(n), nil
}

// instant reads a date or time; of one that stands for a longer while it is the beginning.
func instant(s string) (time.Time, error) {
	q, _, err := search.Parse("", []search.Pair{{Name: "_lastUpdated", Value: s}}, search.Strict)
	if err != nil || len(q.Clauses[0].Values) != 1 || q.Clauses[0].Values[0].Prefix != search.Eq {
		return time.Time{}, fault.At(fault.Invalid, fault.Issue{Code: "value", Text: "_since must be an instant, such as 2026-01-31T10:00:00Z", Expression: "http._since"})
	}
	return time.UnixMicro(q.Clauses[0].Values[0].Lo), nil
}

// version is an entry of a history.
func (b *bundle) version(v store.Version) {
	b.item()
	b.text(`{"fullUrl":`)
	b.string(b.base + "/" + v.Type + "/" + v.ID)
	if !v.Deleted {
		b.text(`,"resource":`)
		b.raw(v.Body)
	}
	b.text(`,"request":{"method":"` + v.Method.String() + `","url":`)
	b.string(requestURL(v))
	b.text(`},"response":{"status":"` + historyStatus(v) + `","lastModified":"` + v.Updated.UTC().Format(fhir.InstantFormat) + `","etag":`)
	b.string(etag(v.Number))
	b.text(`}}`)
}

func requestURL(v store.Version) string {
	if v.Method == store.Post {
		return v.Type
	}
	return v.Type + "/" + v.ID
}

func historyStatus(v store.Version) string {
	switch {
	case v.Deleted:
		return "204"
	case v.Number == 1:
		return "201"
	}
	return "200"
}
