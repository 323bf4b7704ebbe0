package store_test

import (
	"testing"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/store"
)

// TestLettersWithoutDecomposition: who types only ASCII finds the names that have other letters; :exact is exact.
func TestLettersWithoutDecomposition(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		desk := openOn(t, d, store.Options{}).As(access.Inside(1, "test"))
		put(t, desk, `{"resourceType":"Patient","id":"a","name":[{"family":"Ørsted","given":["Łukasz"]}]}`)
		put(t, desk, `{"resourceType":"Patient","id":"b","name":[{"family":"Þórðarson","given":["Æsa"]}]}`)
		put(t, desk, `{"resourceType":"Patient","id":"c","name":[{"family":"Ｙıldız","given":["Đức"]}]}`)
		for asked, want := range map[string]int64{
			"family=orsted": 1, "family=ØRST": 1, "given=lukasz": 1, "name:contains=orst": 1, "family=thordar": 1, "given=AESA": 1, "family=yildiz": 1, "given=duc": 1,
			"family:exact=Ørsted": 1, "family:exact=Orsted": 0, "family:exact=ørsted": 0, "_content=Łukasz": 1, "_content=orsted": 1,
		} {
			counts(t, desk, "Patient", asked, want)
		}
	})
}
