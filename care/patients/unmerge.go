package patients

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/operation"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// unmerge is $unmerge, which FHIR does not define: it takes the latest merge of a source back, as far as later changes let it.
func unmerge(now func() time.Time, records []store.Naming) operation.Operation {
	return operation.Operation{
		Code: "unmerge", Definition: "urn:ficus:operation:Patient-unmerge", On: operation.OnType, Types: []string{"Patient"},
		Changes: true, Right: access.Update,
		In: []operation.Param{{Name: "source-patient", Type: "Reference", Required: true}, {Name: "target-patient", Type: "Reference"}, {Name: "preview", Type: "boolean"}},
		Do: func(ctx context.Context, desk *store.Desk, c operation.Call) (operation.Answer, error) {
			u := &unmerging{now: now, records: records, tenant: desk.Tenant(), subject: desk.Subject(), preview: c.In.True("preview")}
			var err error
			if u.source, _, err = locate(ctx, desk, c, "source"); err != nil {
				return operation.Answer{}, err
			}
			if c.In.Has("target-patient") {
				if u.expected, _, err = locate(ctx, desk, c, "target"); err != nil {
					return operation.Answer{}, err
				}
			}
			if err := u.run(ctx, desk); err != nil {
				return operation.Answer{}, err
			}
			return u.answer(), nil
		},
	}
}

// unmerging is one call of $unmerge.
type unmerging struct {
	record
	now      func() time.Time
	expected string // the target that the caller thinks of; may be empty
	preview  bool
	tenant   int32
	subject  string

	records []store.Naming // of other modules

	back     []moved       // what refers to the source again
	later    []fault.Issue // what was changed since
	outgrown bool          // so were records of other modules
}

func (u *unmerging) run(ctx context.Context, desk *store.Desk) error {
	return desk.Write(ctx, func(c *store.Change) error {
		c.Alone(u.plan)
		if u.preview {
			c.Rehearse()
		}
		return nil
	})
}

func (u *unmerging) plan(a *store.Alone) error {
	u.back, u.later = nil, nil
	err := a.Do(func(ctx context.Context, tx db.Tx) (err error) {
		source := u.source
		u.record, err = last(ctx, tx, u.tenant, source)
		u.source = source
		return err
	})
	if err != nil || u.undone {
		return err
	}
	if err := u.possible(a); err != nil {
		return err
	}
	var list []moved
	err = a.Do(func(ctx context.Context, tx db.Tx) (err error) {
		list, err = u.moves(ctx, tx, u.tenant)
		return err
	})
	if err != nil {
		return err
	}
	var names []store.Key
	var versions []store.VersionKey
	for _, m := range list {
		names, versions = append(names, m.key()), append(versions, store.VersionKey{Key: m.key(), Number: m.version})
	}
	now, err := a.Currents(names)
	if err != nil {
		return err
	}
	before, err := a.Pasts(versions)
	if err != nil {
		return err
	}
	for i, m := range list {
		if err := u.bring(a, m, now[names[i]], before[versions[i]]); err != nil {
			return err
		}
	}
	if err := u.lead(a); err != nil {
		return err
	}
	return u.part(a)
}

// possible refuses what cannot be undone, with the reason.
func (u *unmerging) possible(a *store.Alone) error {
	if u.id == "" {
		return unfit("business-rule", "Patient/"+u.source+" was not merged by $merge, so there is nothing to take back")
	}
	if u.expected != "" && u.expected != u.target {
		return unfit("business-rule", "Patient/"+u.source+" was merged into Patient/"+u.target+", not into Patient/"+u.expected)
	}
	by, err := a.Successor("Patient", u.target)
	if err != nil {
		return err
	}
	if by != "" {
		return unfit("business-rule", "Patient/"+u.target+" was itself merged into Patient/"+by+" since; take that back first")
	}
	return nil
}

// bring moves the references of one resource back, if they are still what the merge has made of them.
func (u *unmerging) bring(a *store.Alone, m moved, current, past store.Version) error {
	if current.Deleted || current.Number == 0 {
		u.tell(m, "was deleted since")
		return nil
	}
	now, err := parsed(current, nil)
	if err != nil {
		return err
	}
	before, err := parsed(past, nil)
	if err != nil {
		return err
	}
	was := texts(a.Places(before.Resource, "Patient", u.source))
	places := a.Places(now.Resource, "Patient", u.target)
	if now.number != m.version+1 {
		merged, err := parsed(a.VRead(m.typ, m.id, m.version+1))
		if err != nil {
			return err
		}
		switch {
		case store.SameContent(now.Resource, merged.Resource): // as after a merge of the target that was taken back
		case !u.samePlaces(a, merged, places):
			u.tell(m, "was changed since, and what it refers to as well; it was left as it is")
			return nil
		default:
			u.tell(m, "was changed since; its later content is kept, and its references were moved back")
		}
	}
	places = slices.DeleteFunc(places, func(p store.Place) bool { return was[p.Path] == "" })
	if len(places) == 0 {
		return nil
	}
	if _, err := a.Redirect(now.Resource, places, func(p store.Place) string { return was[p.Path] }); err != nil {
		return err
	}
	u.back = append(u.back, m)
	return succeed(a, store.Version{Type: m.typ, ID: m.id}, u.target, u.source)
}

// samePlaces reports whether a resource refers to the target exactly where it did when the merge was made.
func (u *unmerging) samePlaces(a *store.Alone, merged patient, now []store.Place) bool {
	then := a.Places(merged.Resource, "Patient", u.target)
	return slices.EqualFunc(then, now, func(x, y store.Place) bool { return x.Path == y.Path && x.Text == y.Text })
}

func (u *unmerging) tell(m moved, text string) {
	u.later = append(u.later, fault.Issue{Code: "informational", Warning: true, Text: m.typ + "/" + m.id + " " + text})
}

// part makes two patients of them again and puts that on record.
func (u *unmerging) part(a *store.Alone) error {
	var made []string
	for _, side := range []struct {
		id, other string
		version   int64
		undo      func(now, merged, before fhir.Resource, other string) (fhir.Resource, error)
	}{{u.target, u.source, u.targetVersion, unsurvived}, {u.source, u.target, u.sourceVersion, unretired}} {
		p, err := u.restore(a, side.id, side.other, side.version, side.undo)
		if err != nil {
			return err
		}
		made = append(made, fmt.Sprintf("Patient/%s/_history/%d", side.id, p.number+1))
	}
	if err := a.Restore("Patient", u.source); err != nil {
		return err
	}
	at := u.now()
	p, err := provenance("unmerge", "Unmerge Record Lifecycle Event", at, u.subject, made)
	if err != nil {
		return err
	}
	if _, err := a.Create(p); err != nil {
		return err
	}
	return a.Do(func(ctx context.Context, tx db.Tx) error { return u.undo(ctx, tx, u.tenant, at) })
}

// answer says what was done and what was changed since.
func (u *unmerging) answer() operation.Answer {
	text := fmt.Sprintf("the merge of Patient/%s into Patient/%s was taken back; %s", u.source, u.target, tally(u.back, "moved back")+followedToo)
	switch {
	case u.undone:
		text = fmt.Sprintf("the merge of Patient/%s into Patient/%s was taken back before; nothing was changed", u.source, u.target)
	case u.preview:
		text = fmt.Sprintf("Preview: nothing was changed. The merge of Patient/%s into Patient/%s can be taken back; %s", u.source, u.target, tally(u.back, "to be moved back")+followedToo)
	}
	issues := append([]fault.Issue{{Code: "informational", Text: text}}, u.changedSince()...)
	issues = append(issues, u.later[:min(len(u.later), maxTold)]...)
	if more := len(u.later) - maxTold; more > 0 {
		issues = append(issues, fault.Issue{Code: "informational", Warning: true, Text: fmt.Sprintf("%d more were changed since", more)})
	}
	out := parameters{}
	out.add("outcome", fhir.Outcome("information", issues...))
	return out.answer()
}
