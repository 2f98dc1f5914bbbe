// Drives Debian's Chromium by a library from npm. It knows nothing of smp but the two
// things that a browser has to be told: the proxy, and the key of its CA.
//
//   node browser.mjs playwright-core|puppeteer-core URL [SECONDS]
//
// It prints the title of the page when that says that all its parts are there, and how
// long the page took; a URL without a title is looked at for SECONDS.
import { setTimeout as sleep } from 'node:timers/promises'

const [name, url, seconds] = process.argv.slice(2)
const library = await import(name)
const chromium = library.chromium ?? library.default
const browser = await chromium.launch({
	executablePath: '/usr/bin/chromium',
	args: [
		'--no-sandbox',
		'--proxy-server=' + process.env.SMP_RELAY,
		'--ignore-certificate-errors-spki-list=' + process.env.SMP_RELAY_SPKI,
	],
})
const page = await browser.newPage()
const start = performance.now()
await page.goto(url)
if (seconds) {
	await sleep(seconds * 1000)
} else {
	await page.waitForFunction(() => document.title !== 'loading')
	console.log(await page.title(), Math.round(performance.now() - start) + ' ms')
}
await browser.close()
