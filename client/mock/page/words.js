// How numbers and moments are written.

const clock = ms => isNaN(ms) ? "–" : new Date(ms).toISOString().slice(11, 23);

function seconds(s) {
  if (s === undefined || s === null || isNaN(s)) return "–";
  const sign = s < 0 ? "−" : "";
  s = Math.abs(s);
  if (s < 0.0005) return "0 s";
  if (s < 1) return sign + Math.round(s * 1000) + " ms";
  if (s < 60) return sign + String(Math.round(s * 10) / 10) + " s";
  if (s < 3600) return sign + Math.floor(s / 60) + " min" + (s % 60 >= 1 ? " " + Math.floor(s % 60) + " s" : "");
  return sign + Math.floor(s / 3600) + " h" + (s % 3600 >= 60 ? " " + Math.floor(s % 3600 / 60) + " min" : "");
}

// goDuration is what Go, and so the mock, reads as a duration.
const goDuration = s => String(Math.round(s * 1000) / 1000) + "s";

const number = n => n.toLocaleString("en");
const count = (n, one, many) => number(n) + " " + (n === 1 ? one : many || one + "s");

function bytes(n) {
  if (n < 1000) return count(n, "byte");
  const units = ["kB", "MB", "GB"];
  let i = -1;
  do { n /= 1000; i++; } while (n >= 999.5 && i < 2);
  return (n < 10 ? n.toFixed(1) : Math.round(n)) + " " + units[i];
}
