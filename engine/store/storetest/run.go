package storetest

import "testing"

// Run tells every story to a store of its own.
func Run(t *testing.T, open Open) {
	for name, tell := range map[string]func(*testing.T, Open){
		"instance":        instance,
		"update":          update,
		"delete":          remove,
		"history":         history,
		"references":      references,
		"placeholders":    placeholders,
		"replay":          replay,
		"conditional":     conditional,
		"transaction":     transaction,
		"transactionFail": transactionFails,
		"batch":           batch,
		"tenants":         tenants,
		"scopes":          scopes,
		"rules":           rules,
		"races":           races,
		"change":          change,
		"search":          searches,
		"paging":          paging,
		"sorting":         sorting,
		"order":           order,
		"chains":          chains,
		"afar":            afar,
		"canonicals":      canonicals,
		"sought":          sought,
		"hostile":         hostile,
		"quantities":      quantities,
		"modifiers":       modifiers,
		"refusals":        refusals,
		"wholeness":       wholeness,
		"places":          places,
		"words":           words,
		"contained":       containedOnes,
		"index":           indexIsTrue,
		"holes":           holes,
		"includes":        includes,
		"several":         several,
		"everything":      everything,
		"severalWriting":  severalWhileWriting,

		"conditionalUpdate": conditionalUpdate,
		"conditionalDelete": conditionalDelete,
		"deleteMany":        deleteMany,
		"patches":           patches,
		"unchanged":         unchanged,
		"crossed":           crossed,
		"crowd":             crowd,
		"verbs":             verbs,
		"addresses":         addresses,
		"among":             among,
		"elsewhere":         elsewhere,
		"pasts":             pasts,
		"crossing":          crossing,
		"large":             large,

		"documents":  documents,
		"spellings":  spellings,
		"foreigners": foreigners,
		"orphans":    orphans,
		"insteadOf":  insteadOf,
		"fullSize":   fullSize,
		"judged":     judged,
		"homes":      homes,
		"twins":      twins,
		"early":      early,
		"moments":    moments,
		"alone":      alone,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tell(t, open)
		})
	}
}
