package storetest

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/ficushealth/ficus/engine/store"
)

// Nodes races hundreds of clients over several stores on one database, as several processes are: of what conditions find by
// different parameters there is one, bundles that cross come through, and no patch is lost.
func Nodes(t0 *testing.T, stores ...*store.Store) {
	var nodes []*story
	for _, s := range stores {
		nodes = append(nodes, &story{t0, t0.Context(), s, s.As(caller(1, "system/*.cruds"))})
	}
	node := func(i int) *story { return nodes[i%len(nodes)] }
	const clients = 200
	nodes[0].put(`{"resourceType":"Patient","id":"p","identifier":[{"system":"p","value":"1"}]}`)
	add := nodes[0].jsonPatch(`[{"op":"add","path":"/identifier/-","value":{"system":"n","value":"x"}}]`)
	var created atomic.Int32
	race(clients, func(i int) {
		t := node(i)
		thing := i / 2 % 20
		query := fmt.Sprintf([]string{"identifier=a|%d", "identifier=b|%d", "name=Thing%d"}[i%3], thing)
		body := t.parse(`{"resourceType":"Organization","identifier":[{"system":"a","value":"%d"},{"system":"b","value":"%d"}],"name":"Thing%d","active":%t}`, thing, thing, thing, i%5 == 0)
		var r store.Result
		var err error
		switch i % 4 {
		case 0:
			r, err = t.desk.Create(t.ctx, body, store.IfNoneExist(query))
		case 1:
			r, err = t.desk.Update(t.ctx, body, store.Where(query))
		case 2:
			_, err = t.desk.Patch(t.ctx, "Patient", "", add, store.Where("identifier=p|1"))
		case 3:
			_, err = t.desk.Transaction(t.ctx, t.bundle("transaction", crossingEntries(i)...))
		}
		if err != nil {
			t.Errorf("client %d: %v", i, err)
		}
		if r.Effect == store.Created {
			created.Add(1)
		}
	})
	t := nodes[0]
	if all := t.search("Organization", "name=Thing"); len(all) != int(created.Load()) || len(all) > 20 {
		t.Errorf("%d created, %d found", created.Load(), len(all))
	}
	for k := range 8 {
		if got := t.search("Organization", fmt.Sprintf("identifier=c|%d", k)); len(got) != 1 {
			t.Errorf("%d: %v", k, got)
		}
	}
	if v, err := t.desk.Read(t.ctx, "Patient", "p"); err != nil || v.Number != 1+clients/4 {
		t.Errorf("version %d, %v", v.Number, err)
	}
}
