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
// historyOfAll GET _history (https://hl7.org/fhir/R4/http.html#history): newest first,
// or, with _sort=_lastUpdated, oldest first.
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

// historyQuery reads _count, _since, _at, _sort and _cursor. Faults: Invalid.
func (c *call) historyQuery() (store.HistoryQuery, error) {
	q := store.HistoryQuery{Type: c.typ, ID: c.id, Count: -1}
	for _, p := range c.pairs {
		var err error
		switch p.Name {
		case "_count":
			q.Count, err = count(p.Value)
		case "_since":
			q.Since, _, err = period(p)
		case "_cursor":
			q.Cursor = p.Value
		case "_at":
			q.From, q.Until, err = period(p)
		case "_sort":
			q.Ascending, err = ascending(p.Value)
		case "_list":
			err = fault.At(fault.Invalid, fault.Issue{Code: "not-supported", Text: "_list is not supported for a history; ask for each member's history", Expression: "http._list"})
		default:
			err = foreign(p)
		}
		if err != nil {
			return q, err
		}
	}
	return q, nil
}

// count reads _count. A page may not hold more versions than were asked for (https://hl7.org/fhir/R4/http.html#history), and one of none leads nowhere.
func count(s string) (int, error) {
	n, err := strconv.ParseUint(s, 10, 31)
	if err != nil || n == 0 {
		return 0, fault.At(fault.Invalid, fault.Issue{Code: "value", Text: "_count of a history must be a whole number from 1", Expression: "http._count"})
	}
	return int(n), nil
}

// period is what a date or time covers, to the microsecond.
func period(p search.Pair) (from, until time.Time, err error) {
	q, _, err := search.Parse("", []search.Pair{{Name: "_lastUpdated", Value: p.Value}}, search.Strict)
	if err != nil || len(q.Clauses[0].Values) != 1 || q.Clauses[0].Values[0].Prefix != search.Eq {
		return from, until, fault.At(fault.Invalid, fault.Issue{Code: "value", Text: p.Name + " must be a date or an instant, such as 2026-01-31T10:00:00Z", Expression: "http." + p.Name})
	}
	v := q.Clauses[0].Values[0]
	return time.UnixMicro(v.Lo), time.UnixMicro(v.Hi), nil
}

// ascending reads _sort: a history is ordered by when its versions were made, the newest first unless asked otherwise.
func ascending(s string) (bool, error) {
	switch s {
	case "-_lastUpdated":
		return false, nil
	case "_lastUpdated":
		return true, nil
	}
	return false, fault.At(fault.Invalid, fault.Issue{Code: "not-supported", Text: "a history is ordered by -_lastUpdated or _lastUpdated", Expression: "http._sort"})
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
	case v.Number == 1 || v.Reborn:
		return "201"
	}
	return "200"
}
