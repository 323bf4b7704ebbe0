package storetest

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// alone: a change that has its tenant to itself moves what refers to one resource to another, whoever writes meanwhile.
func alone(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{})
	t.put(`{"resourceType":"Patient","id":"old","identifier":[{"system":"http://s","value":"1"}]}`)
	t.put(`{"resourceType":"Patient","id":"new","identifier":[{"system":"http://s","value":"1"}]}`)
	t.rehearses()
	t.movesWhileOthersWrite()
	t.refusesWhatWasReplaced()
	t.restores()
}

func (t *story) rehearses() {
	t.put(`{"resourceType":"Basic","id":"tried","code":{"text":"x"},"subject":{"reference":"Patient/old"}}`)
	n, err := t.succeed("old", "new", (*store.Change).Rehearse)
	if err != nil || n != 1 {
		t.Errorf("%d were moved, %v", n, err)
	}
	if v, err := t.desk.Read(t.ctx, "Basic", "tried"); err != nil || v.Number != 1 {
		t.Errorf("a rehearsal wrote version %d, %v", v.Number, err)
	}
	t.put(`{"resourceType":"Basic","id":"tried","code":{"text":"x"},"subject":{"reference":"Patient/old"},"author":{"reference":"Patient/old"}}`)
}

// succeed lets one patient take the place of another and counts what was moved.
func (t *story) succeed(old, new string, more ...func(*store.Change)) (n int, err error) {
	err = t.desk.Write(t.ctx, func(c *store.Change) error {
		c.Alone(func(a *store.Alone) error {
			n = 0
			list, err := a.Referring("Patient", old, "AuditEvent", 10000)
			if err != nil {
				return err
			}
			for _, v := range list {
				r := t.parse("%s", v.Body)
				if _, err := a.Redirect(r, a.Places(r, "Patient", old), func(store.Place) string { return "Patient/" + new }); err != nil {
					return err
				}
				n++
			}
			return a.Supersede("Patient", old, new)
		})
		for _, fn := range more {
			fn(c)
		}
		return nil
	})
	return n, err
}

func (t *story) movesWhileOthersWrite() {
	var written, refused atomic.Int64
	race(racers+1, func(i int) {
		if i == racers/2 {
			if _, err := t.succeed("old", "new"); err != nil {
				t.Error(err)
			}
			return
		}
		for n := range 5 {
			_, err := t.desk.Update(t.ctx, t.parse(`{"resourceType":"Basic","id":"b%d-%d","code":{"text":"x"},"subject":{"reference":"Patient/old"}}`, i, n))
			switch {
			case err == nil:
				written.Add(1)
			case fault.Is(err, fault.Unprocessable):
				refused.Add(1)
			default:
				t.Error(err)
			}
		}
	})
	if left := t.search("Basic", "subject=Patient/old"); len(left) > 0 {
		t.Errorf("%v were left behind", left)
	}
	if moved := t.search("Basic", "subject=Patient/new"); int64(len(moved)) != written.Load()+1 {
		t.Errorf("%d were moved of %d, %d refused", len(moved), written.Load()+1, refused.Load())
	}
	if r := t.read("Basic", "tried"); r.Get("author").Get("reference").Str() != "Patient/new" {
		t.Errorf("a reference was left: %s", r.Raw())
	}
}

func (t *story) read(typ, id string) fhir.Resource {
	t.Helper()
	v, err := t.desk.Read(t.ctx, typ, id)
	if err != nil {
		t.Fatal(err)
	}
	return t.parse("%s", v.Body)
}

func (t *story) refusesWhatWasReplaced() {
	for _, body := range []string{
		`{"resourceType":"Patient","id":"old"}`,
		`{"resourceType":"Basic","id":"later","code":{"text":"x"},"subject":{"reference":"Patient/old"}}`,
		`{"resourceType":"Basic","id":"tried","code":{"text":"x"},"subject":{"reference":"Patient/old/_history/1"}}`,
	} {
		_, err := t.desk.Update(t.ctx, t.parse("%s", body))
		t.want(fault.Unprocessable, err)
	}
	_, err := t.desk.Delete(t.ctx, "Patient", "old")
	t.want(fault.Unprocessable, err)
	named := t.put(`{"resourceType":"Patient","id":"new","identifier":[{"system":"http://s","value":"1"}],
		"link":[{"other":{"reference":"Patient/old"},"type":"replaces"}]}`)
	if named.Number != 2 {
		t.Errorf("the successor has version %d", named.Number)
	}
	r, err := t.desk.Create(t.ctx, t.parse(`{"resourceType":"Patient","identifier":[{"system":"http://s","value":"1"}]}`),
		store.IfNoneExist("identifier=http://s|1"))
	if err != nil || r.Effect != store.Unchanged || r.ID != "new" {
		t.Errorf("a condition found %s (%v)", r.ID, err)
	}
}

func (t *story) restores() {
	err := t.desk.Write(t.ctx, func(c *store.Change) error {
		c.Alone(func(a *store.Alone) error {
			if by, err := a.Successor("Patient", "old"); err != nil || by != "new" {
				return fmt.Errorf("%q %w", by, err)
			}
			return a.Restore("Patient", "old")
		})
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	t.put(`{"resourceType":"Basic","id":"later","code":{"text":"x"},"subject":{"reference":"Patient/old"}}`)
}
