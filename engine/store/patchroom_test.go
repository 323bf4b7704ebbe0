package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/engine/store/storetest"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/patch"
)

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
		entry := func(id string) string {
			return `{"resource":{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"replace"},{"name":"path","valueString":"Basic.code.text"},
				{"name":"value","valueString":"y"}]}]},"request":{"method":"PATCH","url":"Basic/` + id + `"}}`
		}
		both := parsed(t, `{"resourceType":"Bundle","type":"transaction","entry":[%s,%s]}`, entry("b0"), entry("b1"))
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
