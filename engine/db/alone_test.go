package db_test

import (
	"testing"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/fault"
)

func TestOnlyOneIsAlone(t *testing.T) {
	url := dbtest.PostgresURL(t)
	release, err := db.Alone(t.Context(), url, "work", db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Alone(t.Context(), url, "work", db.Options{}); !fault.Is(err, fault.Conflict) {
		t.Error(err)
	}
	other, err := db.Alone(t.Context(), url, "other work", db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	other()
	release()
	again, err := db.Alone(t.Context(), url, "work", db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	again()
}

func TestOnSQLiteTheFileIsHeldAlready(t *testing.T) {
	release, err := db.Alone(t.Context(), dbtest.SQLiteURL(t), "work", db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	release()
}
