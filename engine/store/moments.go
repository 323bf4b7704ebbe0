package store

import (
	"strconv"
	"time"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/search"
)

// ReadHistory reads _count, _since, _at, _sort and _cursor of a history (https://hl7.org/fhir/R4/http.html#history) of a resource, of a
// type, or, if both are empty, of everything. Faults: Invalid.
// The shape is that of the versions.
func ReadHistory(typ, id string, pairs []search.Pair) (q HistoryQuery, shape search.Query, err error) {
	q = HistoryQuery{Type: typ, ID: id, Count: -1}
	shape, rest, err := ReadShape(typ, pairs)
	if err != nil {
		return q, shape, err
	}
	for _, p := range rest {
		switch p.Name {
		case "_count":
			q.Count, err = historyCount(p.Value)
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
			err = Foreign(p)
		}
		if err != nil {
			return q, shape, err
		}
	}
	return q, shape, nil
}

// historyCount reads _count. A page may not hold more versions than were asked for (https://hl7.org/fhir/R4/http.html#history), and one of none leads nowhere.
func historyCount(s string) (int, error) {
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

// historyAt reads the address of a history, [type]/[id]/_history, [type]/_history or _history, with its query; nil if it is none.
func historyAt(parts []string, query string) (*reading, error) {
	last := len(parts) - 1
	if parts[last] != "_history" || last > 2 {
		return nil, nil
	}
	at := append(parts[:last:last], "", "")
	pairs, err := search.ParseQueryString(query)
	if err != nil {
		return nil, err
	}
	q, shape, err := ReadHistory(at[0], at[1], pairs)
	return &reading{typ: at[0], id: at[1], past: &q, shape: shape}, err
}

// right is what it takes to see the history.
func (q HistoryQuery) right() access.Op {
	if q.ID != "" {
		return access.HistoryInstance
	}
	return access.History
}
