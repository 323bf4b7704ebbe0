package app

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/alert"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fhir"
)

// What is told in a tenant that has chosen nothing.
const (
	alertPatients = 100
	alertWithin   = 10 * time.Minute
	alertRefusals = 20
	alertRefused  = 5 * time.Minute
)

// watcher tells what a security officer wants to look at.
func (a *App) watcher() *alert.Watcher {
	return &alert.Watcher{DB: a.DB, Log: a.Audit, Now: a.Now, Tenants: a.tenantNumbers, Rules: a.alertRules, About: a.aboutPatients, Errors: a.Log}
}

func (a *App) tenantNumbers(ctx context.Context) (list []int32, err error) {
	all, err := a.Accounts.Tenants(ctx)
	for _, t := range all {
		list = append(list, t.ID)
	}
	return list, err
}

// alertRules are the rules of a tenant. Labels are those of http://terminology.hl7.org/CodeSystem/v3-ActCode for people of
// whom everybody wants to know.
func (a *App) alertRules(ctx context.Context, tenant int32) ([]alert.Rule, error) {
	chosen, err := a.Accounts.Chosen(ctx, tenant)
	if err != nil {
		return nil, err
	}
	rules := []alert.Rule{alert.OwnName(), alert.Labelled("CEL", "VIP"), alert.Refusals(alertRefusals, alertRefused)}
	if chosen[accounts.AlertPatients] != accounts.Off {
		limit, err := strconv.Atoi(chosen[accounts.AlertPatients])
		if err != nil {
			limit = alertPatients
		}
		rules = append(rules, alert.ManyPatients(limit, alertWithin))
	}
	if hours, err := accounts.ParseHours(chosen[accounts.AlertHours]); err == nil {
		rules = append(rules, alert.AfterHours(hours.Hold))
	}
	return rules, nil
}

// aboutPatients reads family names and labels of patients, in portions.
func (a *App) aboutPatients(ctx context.Context, tenant int32, patients []string) (alert.About, error) {
	about := alert.About{}
	for ids := range slices.Chunk(patients, 500) {
		names := make([]store.Key, len(ids))
		for i, id := range ids {
			names[i] = store.Key{Type: "Patient", ID: id}
		}
		found, err := a.Store.Fetch(ctx, tenant, names)
		if err != nil {
			return nil, err
		}
		for _, v := range found {
			if v.Body == nil {
				continue
			}
			r, err := v.Resource()
			if err != nil {
				return nil, err
			}
			about[v.ID] = personOf(r)
		}
	}
	return about, nil
}

func personOf(r fhir.Resource) (p alert.Person) {
	for name := range r.Get("name").Items() {
		if family := name.Get("family").Str(); family != "" {
			p.Families = append(p.Families, family)
		}
	}
	for label := range r.Get("meta").Get("security").Items() {
		p.Labels = append(p.Labels, label.Get("code").Str())
	}
	return p
}
