package move

import (
	"bytes"
	"context"
	"strconv"

	"golang.org/x/sync/errgroup"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/strangler/crosswalk"
	"github.com/ficushealth/ficus/strangler/ledger"
	"github.com/ficushealth/ficus/strangler/mapping"
)

// settle decides what becomes of every row of the batch, on all processors.
func (m *Mover) settle(ctx context.Context, b *batch) error {
	if err := m.look(ctx, b); err != nil {
		return err
	}
	group, inner := errgroup.WithContext(ctx)
	for w := range m.Workers {
		group.Go(func() error {
			h, scratch := ledger.NewHasher(m.leaves), []byte(nil)
			for i := w; i < len(b.families); i += m.Workers {
				f := b.families[i]
				scratch = f.hash(h, m.Pack.Hash(), scratch)
				if err := m.settleOne(b.walk, f, h); err != nil {
					return err
				}
			}
			return inner.Err()
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	if err := m.compare(ctx, b); err != nil {
		return err
	}
	b.keepVersions()
	return m.know(ctx, b.names())
}

// settleOne maps the row, unless the ledger knows it as it is.
func (m *Mover) settleOne(w *walk, f *family, h *ledger.Hasher) (err error) {
	if f.known != nil && f.known.Gone == 0 && bytes.Equal(f.known.Image, f.image[:]) {
		f.same = true
		return nil
	}
	return m.mapOne(w, f, h)
}

func (m *Mover) mapOne(w *walk, f *family, h *ledger.Hasher) (err error) {
	f.Installation = m.Space
	f.out, err = w.mp.Forward(f.Input)
	if err != nil {
		return err
	}
	if r := wrong(w.mp, f.Input, f.out, m.desk.Check); r != nil {
		f.refuse(*r)
		return nil
	}
	if f.state() != ledger.Quarantined {
		m.assign(f, h)
	}
	return nil
}

// wrong is why a row that was mapped must not be taken all the same: the store would refuse a target, or mapping the
// targets back does not give the row.
func wrong(mp *mapping.Map, in mapping.Input, out mapping.Output, check func(fhir.Resource) error) *mapping.Refusal {
	for _, t := range out.Targets {
		if t.Record != nil {
			continue
		}
		if err := check(t.Resource); err != nil {
			return refusalOf(err)
		}
	}
	if len(out.Targets) == 0 {
		return nil
	}
	return mp.Verify(in, out)
}

// refusalOf is the store's fault as a reason for quarantine.
func refusalOf(err error) *mapping.Refusal {
	r := mapping.Refusal{Rule: "store", Code: "refused", Text: "the store does not take the row"}
	if f := fault.Find(err); f != nil {
		r.Text = f.Text
		if len(f.Issues) > 0 {
			r.Path, r.Text = f.Issues[0].Expression, f.Text+": "+f.Issues[0].Text
		}
	}
	return &r
}

// assign says for each target behind which version it is to be written, and which of the targets that the row had are to
// be deleted.
func (m *Mover) assign(f *family, h *ledger.Hasher) {
	old := map[int32]crosswalk.Link{}
	for _, l := range f.links {
		old[l.Slot] = l
	}
	for _, t := range f.out.Targets {
		l := crosswalk.Link{Table: m.id(f.Row.Table.String()), Key: f.key, Slot: m.id(t.Slot), Type: m.id(t.Type), ID: t.ID, State: crosswalk.Live}
		was := old[l.Slot]
		if t.Record != nil {
			l.Digest = f.note(t, was, l, h)
		} else {
			f.put = append(f.put, target{Target: t, link: len(f.linked), behind: was.Version, there: was.Version > 0 && was.State != crosswalk.Deleted})
			l.Version = was.Version + 1
		}
		f.linked = append(f.linked, l)
		delete(old, l.Slot)
	}
	for _, l := range f.links {
		if _, left := old[l.Slot]; left && l.State == crosswalk.Live {
			l.State = crosswalk.Stale
			f.linked = append(f.linked, l)
		}
	}
}

// compare reads what is stored for rows that were moved before, and takes back the writes that would change nothing.
func (m *Mover) compare(ctx context.Context, b *batch) error {
	before := b.before()
	if len(before) == 0 {
		return nil
	}
	names := make([]store.VersionKey, 0, len(before))
	for name := range before {
		names = append(names, name)
	}
	versions, err := m.Store.FetchVersions(ctx, m.Tenant, names)
	for _, v := range versions {
		t := before[store.VersionKey{Key: store.Key{Type: v.Type, ID: v.ID}, Number: v.Number}]
		t.same = t.equals(v)
	}
	return err
}

// before are the batch's targets that were moved before, by the version as which they were.
func (b *batch) before() map[store.VersionKey]*target {
	before := map[store.VersionKey]*target{}
	for _, f := range b.families {
		for i := range f.put {
			if t := &f.put[i]; t.there {
				before[store.VersionKey{Key: store.Key{Type: t.Type, ID: t.ID}, Number: t.behind}] = t
			}
		}
	}
	return before
}

// equals reports whether the target, given the version's number and instant, is that version.
func (t *target) equals(v store.Version) bool {
	if v.Body == nil {
		return false
	}
	again, err := fhir.Stamp(t.Resource, t.ID, strconv.FormatInt(v.Number, 10), v.Updated)
	return err == nil && bytes.Equal(again, v.Body)
}

// keepVersions takes back the next version of targets that are not written.
func (b *batch) keepVersions() {
	for _, f := range b.families {
		for _, t := range f.put {
			if t.same {
				f.linked[t.link].Version = t.behind
			}
		}
	}
}

// names are those that the batch's entries need numbers for.
func (b *batch) names() (names []string) {
	seen := map[string]bool{"": true}
	add := func(name string) {
		if !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	for _, f := range b.families {
		add(f.reason())
		for _, x := range f.out.Findings {
			add(findingName(x))
		}
	}
	return names
}

// findingName is what a finding is counted under: it holds no value.
func findingName(f mapping.Finding) string { return f.Path + ": " + f.Code }
