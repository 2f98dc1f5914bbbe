package mock

import (
	"maps"
	"slices"
)

// FaultNames lists what can be the name of a [Fault] without further ado: broken
// networks, then the error codes that the mock knows, then the types of Zyte API's.
func FaultNames() []string {
	return slices.Concat(networkFaults, slices.Sorted(maps.Keys(refusals)), slices.Sorted(maps.Keys(problems)))
}
