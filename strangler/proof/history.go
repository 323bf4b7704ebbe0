package proof

import (
	"context"
	"fmt"
	"maps"
	"strconv"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/strangler/crosswalk"
)

const pastsRead = 1000

// history is what the store holds of the targets of a chunk beside their current versions.
type history struct {
	extent map[store.Key]store.Past
	moved  map[store.VersionKey]store.Version // versions that were moved and are not current any more
	at     map[store.VersionKey]int64         // instants of all versions, in microseconds
	faults map[store.Key][]string
}

// openHistory reads every version that the targets had, one after the other, and notes what is wrong with it.
func (e *examiner) openHistory(ctx context.Context, b *books) (err error) {
	h := &b.history
	h.moved, h.at, h.faults = map[store.VersionKey]store.Version{}, map[store.VersionKey]int64{}, map[store.Key][]string{}
	if h.extent, err = e.fetchPasts(ctx, b.current); err != nil {
		return err
	}
	if err := e.rereadTorn(ctx, b); err != nil {
		return err
	}
	upto := e.movedUpto(b)
	var names []store.VersionKey
	for name, v := range b.current {
		h.note(v, upto[name])
		names = append(names, pastOf(name, v, h.extent[name])...)
	}
	for len(names) > 0 {
		n := min(len(names), pastsRead)
		if err := e.readPast(ctx, b, names[:n], upto); err != nil {
			return err
		}
		names = names[n:]
	}
	for name, v := range b.current {
		h.order(name, v.Number)
	}
	return nil
}

// rereads is how often a target that was written between two reads is read again.
const rereads = 5

// rereadTorn reads targets again whose current version and history do not fit: somebody may have written them in between.
// Of those that are damaged both reads say the same.
func (e *examiner) rereadTorn(ctx context.Context, b *books) error {
	for range rereads {
		var torn []store.Key
		for name, v := range b.current {
			if !precedes(b.history.extent[name], v) {
				torn = append(torn, name)
			}
		}
		if len(torn) == 0 {
			return nil
		}
		again, err := e.fetch(ctx, b, torn)
		if err != nil {
			return err
		}
		pasts, err := e.fetchPasts(ctx, again)
		if err != nil {
			return err
		}
		maps.Copy(b.current, again)
		maps.Copy(b.history.extent, pasts)
	}
	return nil
}

// precedes reports whether a history holds as many versions as come before a version, and these.
func precedes(p store.Past, v store.Version) bool {
	return p.Count == v.Number-1 && (p.Count == 0 || p.First == 1 && p.Last == v.Number-1)
}

// movedUpto is the version as which each target was last moved: those before it were moved too.
func (e *examiner) movedUpto(b *books) map[store.Key]int64 {
	upto := map[store.Key]int64{}
	for _, links := range b.links {
		for _, l := range links {
			name := e.targetOf(l)
			upto[name] = max(upto[name], l.Version)
		}
	}
	return upto
}

func (e *examiner) targetOf(l crosswalk.Link) store.Key {
	return store.Key{Type: e.names.Name(l.Type), ID: l.ID}
}

// pastOf names the versions before the current one. A history with more or fewer is a difference anyway.
func pastOf(name store.Key, v store.Version, p store.Past) (names []store.VersionKey) {
	for n := p.First; p.Count > 0 && n <= p.Last && n < p.First+p.Count; n++ {
		if n != v.Number {
			names = append(names, store.VersionKey{Key: name, Number: n})
		}
	}
	return names
}

func (e *examiner) readPast(ctx context.Context, b *books, names []store.VersionKey, upto map[store.Key]int64) error {
	h := &b.history
	return eachReadable(ctx, names, func(names []store.VersionKey) error {
		versions, err := e.Store.FetchVersions(ctx, e.Tenant, names)
		if err != nil {
			return err
		}
		for _, v := range versions {
			name := store.VersionKey{Key: store.Key{Type: v.Type, ID: v.ID}, Number: v.Number}
			h.note(v, upto[name.Key])
			if v.Number == upto[name.Key] {
				h.moved[name] = v
			}
		}
		return nil
	}, func(name store.VersionKey) {
		if name.Number == upto[name.Key] {
			b.damaged[name.Key] = true
			return
		}
		h.fault(name.Key, name.Number, "cannot be opened")
	})
}

func (h *history) fault(name store.Key, version int64, what string) {
	h.faults[name] = append(h.faults[name], fmt.Sprintf("version %d %s", version, what))
}

// note compares what a version says of itself with what the store says of it.
func (h *history) note(v store.Version, movedUpto int64) {
	name := store.Key{Type: v.Type, ID: v.ID}
	h.at[store.VersionKey{Key: name, Number: v.Number}] = v.Updated.UnixMicro()
	if v.Deleted != (v.Body == nil) {
		h.fault(name, v.Number, "is deleted and has a body, or is not and has none")
	}
	if wrongMethod(v, movedUpto) {
		h.fault(name, v.Number, "was not made by the method that the store gives it")
	}
	if v.Body != nil {
		h.noteBody(name, v)
	}
}

// wrongMethod reports a method that cannot have made the version: a tombstone is made by DELETE, all else that was moved
// by PUT, and POST makes none but the first.
func wrongMethod(v store.Version, movedUpto int64) bool {
	switch {
	case v.Deleted || v.Method == store.Delete:
		return !v.Deleted || v.Method != store.Delete
	case v.Number <= movedUpto:
		return v.Method != store.Put
	case v.Method == store.Post:
		return v.Number != 1
	}
	return v.Method != store.Put && v.Method != store.Patch
}

func (h *history) noteBody(name store.Key, v store.Version) {
	r, err := fhir.Parse(v.Body, fhir.Limits{})
	if err != nil {
		h.fault(name, v.Number, "is no resource")
		return
	}
	meta := r.Meta()
	if r.Type() != v.Type || r.ID() != v.ID {
		h.fault(name, v.Number, "is another resource, by its body")
	}
	if meta.VersionID != strconv.FormatInt(v.Number, 10) {
		h.fault(name, v.Number, "is another version, by its body")
	}
	if meta.LastUpdated != v.Updated.UTC().Format(fhir.InstantFormat) {
		h.fault(name, v.Number, "is of another instant, by its body")
	}
}

// order compares the instants of the versions: each is behind the one before.
func (h *history) order(name store.Key, current int64) {
	for n := int64(2); n <= current; n++ {
		before, known := h.at[store.VersionKey{Key: name, Number: n - 1}]
		at, there := h.at[store.VersionKey{Key: name, Number: n}]
		if known && there && at <= before {
			h.fault(name, n, "is not later than the one before")
		}
		if !known && n > 2+h.extent[name].Last {
			return // the number was made up
		}
	}
}

// histories tells what is wrong with any version of the targets of a row.
func (e *examiner) histories(c *chunk, b *books, key string, links []crosswalk.Link) {
	for _, l := range links {
		name := e.targetOf(l)
		for _, what := range b.history.faults[name] {
			e.found.damaged(name.Type + "/" + name.ID)
			e.found.differ(Versions, c.mp.Table, key, name.Type+"/"+name.ID+": "+what)
		}
	}
}
