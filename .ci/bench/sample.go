//go:build unix

package main

import "slices"

// quartiles are the values below which a quarter, half and three quarters of all
// are.
func quartiles(values []float64) (q1, median, q3 float64) {
	slices.Sort(values)
	at := func(share float64) float64 {
		place := share * float64(len(values)-1)
		low := int(place)
		high := min(low+1, len(values)-1)
		return values[low] + (values[high]-values[low])*(place-float64(low))
	}
	return at(0.25), at(0.5), at(0.75)
}

func each(all []sample, of func(sample) float64) []float64 {
	values := make([]float64, len(all))
	for i, s := range all {
		values[i] = of(s)
	}
	return values
}

func wall(s sample) float64   { return s.Wall.Seconds() }
func cpu(s sample) float64    { return s.CPU.Seconds() }
func memory(s sample) float64 { return float64(s.Peak) }

func median(all []sample, of func(sample) float64) float64 {
	_, m, _ := quartiles(each(all, of))
	return m
}

// ratios are those of each round: they show how much the machine was at rest.
func ratios(them, us []sample, of func(sample) float64) []float64 {
	values := make([]float64, len(us))
	for i := range us {
		values[i] = of(us[i]) / of(them[i])
	}
	return values
}
