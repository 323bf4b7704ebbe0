package synth

import "slices"

// sorted brings tables in the order of a dump: databases as they come, tables by name.
func sorted(list []*table) []*table {
	rank := map[string]int{"OpalDB": 1, "QuestionnaireDB": 2, "OrmsDatabase": 3}
	slices.SortFunc(list, func(a, b *table) int {
		if d := rank[a.database] - rank[b.database]; d != 0 {
			return d
		}
		if a.name < b.name {
			return -1
		}
		return 1
	})
	return list
}
