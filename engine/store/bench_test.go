package store_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/engine/store/storetest"
	"github.com/ficushealth/ficus/fhir"
)

const benchPatient = `{"resourceType":"Patient","active":true,"identifier":[{"system":"urn:mrn","value":"m%d"},{"use":"usual","system":"urn:ssn","value":"s%d"}],
"name":[{"use":"official","family":"Family%d","given":["Anna","Maria"]}],"telecom":[{"system":"phone","value":"+1555%07d","use":"home"}],"gender":"female","birthDate":"19%02d-0%d-1%d",
"address":[{"line":["%d Main Street"],"city":"Springfield","state":"MA","postalCode":"0%04d","country":"US"}],"maritalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-MaritalStatus","code":"M","display":"Married"}]},
"communication":[{"language":{"coding":[{"system":"urn:ietf:bcp:47","code":"en-US","display":"English"}]}}]}`

func patient(i int) fhir.Resource {
	r, err := fhir.Parse(fmt.Appendf(nil, benchPatient, i, i, i%1000, i, i%100, 1+i%9, i%10, i, i%10000), fhir.Limits{})
	if err != nil {
		panic(err)
	}
	return r
}

// benchStore opens a store whose commits are durable.
func benchStore(b *testing.B, kind string) *store.Desk {
	var d *db.DB
	if kind == "sqlite" {
		d = dbtest.Open(b, dbtest.SQLiteURL(b), db.Options{})
	} else {
		s := dbtest.StartPostgres(b, dbtest.Durable)
		d = dbtest.Open(b, s.Database(b), db.Options{Params: store.PostgresSettings(), MaxConns: 32})
	}
	scopes, _ := access.ParseScopes("system/*.cruds")
	return openOn(b, d, store.Options{}).As(access.Principal{Tenant: 1, Subject: "bench", Scopes: scopes})
}

func BenchmarkCreate(b *testing.B) {
	for _, kind := range []string{"sqlite", "postgres"} {
		for _, writers := range []int{1, 16, 64} {
			b.Run(fmt.Sprintf("%s/%d", kind, writers), func(b *testing.B) {
				desk := benchStore(b, kind)
				var n atomic.Int64
				b.SetParallelism(max(1, writers/2))
				b.ResetTimer()
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						if _, err := desk.Create(context.Background(), patient(int(n.Add(1)))); err != nil {
							b.Error(err)
						}
					}
				})
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "creates/s")
			})
		}
	}
}

func BenchmarkRead(b *testing.B) {
	for _, kind := range []string{"sqlite", "postgres"} {
		b.Run(kind, func(b *testing.B) {
			desk := benchStore(b, kind)
			var ids []string
			for i := range 1000 {
				r, err := desk.Create(context.Background(), patient(i))
				if err != nil {
					b.Fatal(err)
				}
				ids = append(ids, r.ID)
			}
			var n atomic.Int64
			b.SetParallelism(8)
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := desk.Read(context.Background(), "Patient", ids[n.Add(1)%1000]); err != nil {
						b.Error(err)
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "reads/s")
		})
	}
}

func BenchmarkSearch(b *testing.B) {
	for _, kind := range []string{"sqlite", "postgres"} {
		desk := benchStore(b, kind)
		var entries []string
		for i := range 20000 {
			entries = append(entries, `{"request":{"method":"POST","url":"Patient"},"resource":`+string(patient(i).Raw())+`}`)
			if len(entries) == 500 {
				storetest.Post(b, desk, entries)
				entries = nil
			}
		}
		for _, query := range []string{"identifier=urn:mrn|m77", "family=family77", "gender=female", "birthdate=ge1950", "name=anna&birthdate=1950"} {
			b.Run(kind+"/"+query, func(b *testing.B) {
				b.SetParallelism(8)
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						if _, err := storetest.Page(context.Background(), desk, "Patient", query, ""); err != nil {
							b.Error(err)
						}
					}
				})
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "searches/s")
			})
		}
	}
}
