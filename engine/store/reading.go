package store

import (
	"context"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/search"
)

// reading is a GET entry of a bundle, taken apart.
type reading struct {
	typ, id, version string
	query            search.Query  // where id is empty
	past             *HistoryQuery // of a history
	shape            search.Query  // of a read or a history: which part of each resource is wanted
	limit            *budget
	known            string    // versionId that the caller has (ifNoneMatch), or *
	since            time.Time // what he has is from then (ifModifiedSince)
}

// budget bounds what all reads of one bundle may bring together: a few bytes of
// request must not make gigabytes of answer.
type budget struct{ bytes atomic.Int64 }

const maxAnswer = 64 << 20

func newBudget() *budget {
	b := &budget{}
	b.bytes.Store(maxAnswer)
	return b
}

// spend takes bytes out of the budget. Faults: TooCostly when it is used up.
func (b *budget) spend(n int) error {
	if b.bytes.Add(-int64(n)) < 0 {
		return fault.New(fault.TooCostly, "the reads of this bundle bring more than %d MiB; ask for less, or one by one", maxAnswer>>20)
	}
	return nil
}

// planRead reads the url of a GET entry and asks for the right to it.
func (d *Desk) planRead(ctx context.Context, q fhir.Request, limit *budget) (*reading, error) {
	r, err := d.planURL(ctx, q.URL, limit)
	if fault.Is(err, fault.Unknown) {
		err = fault.At(fault.Unknown, fault.Issue{Code: "not-supported", Text: "there is no resource type of that name in R4", Expression: "http.url"})
	}
	if err != nil {
		return nil, err
	}
	if r.known = strings.TrimSpace(q.IfNoneMatch); r.known != "" && r.known != "*" {
		if r.known, err = VersionOf(q.IfNoneMatch); err != nil {
			return nil, err
		}
	}
	if q.IfModifiedSince != "" {
		if r.since, err = time.Parse(time.RFC3339, q.IfModifiedSince); err != nil {
			return nil, fault.New(fault.Invalid, "ifModifiedSince must be an instant")
		}
	}
	return r, nil
}

func (d *Desk) planURL(ctx context.Context, url string, limit *budget) (*reading, error) {
	if elsewhere(url) {
		return nil, fault.At(fault.Invalid, fault.Issue{Code: "value", Text: elsewhereText, Expression: "http.url"})
	}
	path, query, isSearch := strings.Cut(strings.TrimPrefix(url, "/"), "?")
	parts := strings.Split(path, "/")
	if r, err := historyAt(parts, query); r != nil || err != nil {
		return d.planPast(ctx, r, limit, err)
	}
	if answersOtherwise(parts) {
		return nil, notRead()
	}
	r := &reading{typ: parts[0], limit: limit}
	if _, known := typeIndex(r.typ); !known && (path != "" || !isSearch) {
		return nil, unknownType(r.typ)
	}
	switch {
	case len(parts) == 1:
		return r, d.refused(ctx, "search", r.typ, "", d.planSearch(ctx, r, r.typ, query))
	case len(parts) == 3 && len(compartmentTypes(parts[0])) > 1:
		typ := parts[2]
		if typ == "*" {
			typ = ""
		} else if _, known := typeIndex(typ); !known {
			return nil, unknownType(typ)
		}
		err := d.planSearch(ctx, r, typ, query)
		r.query.Compartment = search.Compartment{Type: parts[0], ID: parts[1]}
		return r, d.refused(ctx, "search", typ, "", err)
	}
	r, err := readAt(parts, query)
	switch {
	case err != nil:
		return nil, err
	case r == nil:
		return nil, notRead()
	case r.version != "":
		_, err = d.may(ctx, access.VRead, r.typ)
		err = d.refused(ctx, "vread", r.typ, r.id, err)
	default:
		_, err = d.may(ctx, access.Read, r.typ)
		err = d.refused(ctx, "read", r.typ, r.id, err)
	}
	r.limit = limit
	return r, err
}

// planPast asks for the right to a history.
func (d *Desk) planPast(ctx context.Context, r *reading, limit *budget, err error) (*reading, error) {
	if err != nil {
		return nil, err
	}
	if _, known := typeIndex(r.typ); !known && r.typ != "" {
		return nil, unknownType(r.typ)
	}
	r.limit = limit
	_, err = d.may(ctx, r.past.right(), r.typ)
	return r, d.refused(ctx, "history", r.typ, r.id, err)
}

// answersOtherwise reports whether an address is that of an operation or the metadata.
func answersOtherwise(parts []string) bool {
	return strings.HasPrefix(parts[len(parts)-1], "$") || parts[0] == "metadata"
}

func notRead() error {
	return fault.New(fault.Invalid, "a GET in a bundle reads a resource, a version or a history, or searches a type, several types or a compartment; the metadata is asked for by itself, and an operation so or in a batch")
}

// planSearch reads a search of a type, "" for several.
func (d *Desk) planSearch(ctx context.Context, r *reading, typ, query string) error {
	pairs, err := search.ParseQueryString(query)
	if err != nil {
		return err
	}
	set, err := d.Params(ctx)
	if err != nil {
		return err
	}
	if r.query, _, err = search.ParseIn(set, typ, pairs, search.Strict); err != nil {
		return err
	}
	_, err = d.permitted(ctx, r.query)
	return err
}

func (d *Desk) carryOut(ctx context.Context, r *reading, out *Reply) (err error) {
	if err := r.limit.spend(0); err != nil {
		return err
	}
	switch {
	case r.past != nil:
		return d.pastEntry(ctx, r, out)
	case r.id == "":
		return d.searchEntry(ctx, r, out)
	case r.version == "":
		out.Result.Version, err = d.Read(ctx, r.typ, r.id)
	default:
		out.Result.Version, err = d.VRead(ctx, r.typ, r.id, r.version)
	}
	if err != nil {
		return err
	}
	if r.unmodified(out.Result.Version) {
		out.Unmodified, out.Result.Body = true, nil
	}
	out.Asked = &r.shape
	return r.limit.spend(len(out.Result.Body))
}

// unmodified reports whether the caller has this version already: a tag is looked at first, and the date only if there is
// none (RFC 9110 section 13.1).
func (r *reading) unmodified(v Version) bool {
	if r.known != "" {
		return r.known == "*" || r.known == strconv.FormatInt(v.Number, 10)
	}
	return !r.since.IsZero() && !v.Updated.After(r.since)
}

func (d *Desk) searchEntry(ctx context.Context, r *reading, out *Reply) error {
	page, err := d.Search(ctx, r.query)
	if err != nil {
		return err
	}
	out.Page, out.Type = &page, r.query.Type
	return r.limit.spend(out.size())
}

func (d *Desk) pastEntry(ctx context.Context, r *reading, out *Reply) error {
	page, err := d.History(ctx, *r.past)
	if err != nil {
		return err
	}
	out.Page, out.Past, out.Asked = &page, true, &r.shape
	return r.limit.spend(out.size())
}
