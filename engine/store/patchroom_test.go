package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/engine/store/storetest"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/patch"
)

// TestPatchesOfABatchAskForRoomTogether: what is taken apart at the same time adds up, and who finds no room beside others waits for them.
func TestPatchesOfABatchAskForRoomTogether(t *testing.T) {
	var both sync.WaitGroup
	meet := false
	o := store.Options{Validate: func(context.Context, int32, fhir.Resource) ([]fault.Issue, error) {
		if meet { // a patch is validated after it has asked
			both.Done()
			both.Wait()
		}
		return nil, nil
	}}
	desk := openOn(t, dbtest.SQLite(t), o).As(storetest.Caller(1))
	var entries []string
	for i := range 8 {
		if _, err := desk.Update(t.Context(), parsed(t, `{"resourceType":"Basic","id":"b%d","code":{"text":%q}}`, i, strings.Repeat("x", 1000))); err != nil {
			t.Fatal(err)
		}
		entries = append(entries, patchOfText(fmt.Sprint("b", i)))
	}
	batch := func(entries []string) (most int64) {
		within := desk.Within(func(bytes int64) error {
			if most = max(most, bytes/1000); most > 2 {
				most = 2
				return fault.New(fault.Unavailable, "no room")
			}
			return nil
		})
		replies, err := within.Batch(t.Context(), fhir.Bundle{Resource: parsed(t, `{"resourceType":"Bundle","type":"batch","entry":[%s]}`, strings.Join(entries, ","))})
		for _, r := range replies {
			err = errors.Join(err, r.Err)
		}
		if err != nil {
			t.Error(err)
		}
		return most
	}
	batch(entries)
	both.Add(2)
	meet = true
	if most := batch(entries[:2]); most != 2 {
		t.Errorf("two patches side by side asked for %d kB at most", most)
	}
}

func patchOfText(id string) string {
	return `{"resource":{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"replace"},{"name":"path","valueString":"Basic.code.text"},
		{"name":"value","valueString":"` + strings.Repeat("y", 1000) + `"}]}]},"request":{"method":"PATCH","url":"Basic/` + id + `"}}`
}

// TestAPatchAsksForRoom before it takes apart what is stored, and a transaction for all of its patches.
func TestAPatchAsksForRoom(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		desk := openOn(t, d, store.Options{}).As(storetest.Caller(1))
		for i := range 2 {
			large := fmt.Sprintf(`{"resourceType":"Basic","id":"b%d","code":{"text":%q}}`, i, strings.Repeat("x", 1000))
			if _, err := desk.Update(t.Context(), parsed(t, "%s", large)); err != nil {
				t.Fatal(err)
			}
		}
		var asked []int64
		var full error
		within := desk.Within(func(bytes int64) error {
			asked = append(asked, bytes/1000)
			return full
		})
		p, err := patch.Read(patch.MediaJSON, []byte(`[{"op":"add","path":"/language","value":"de"}]`))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := within.Patch(t.Context(), "Basic", "b0", p); err != nil || !slices.Equal(asked, []int64{1}) {
			t.Error(asked, err)
		}
		both := parsed(t, `{"resourceType":"Bundle","type":"transaction","entry":[%s,%s]}`, patchOfText("b0"), patchOfText("b1"))
		asked, full = nil, fault.New(fault.Unavailable, "no room")
		if _, err := within.Transaction(t.Context(), fhir.Bundle{Resource: both}); !fault.Is(err, fault.Unavailable) {
			t.Error(err)
		}
		asked, full = nil, nil
		if _, err := within.Transaction(t.Context(), fhir.Bundle{Resource: both}); err != nil || !slices.Equal(asked, []int64{1, 2}) {
			t.Error(asked, err)
		}
	})
}
