// Runs before the first paint, so that a dark page never flashes white. src/app/theme.ts takes over from here.
{
  const chosen = localStorage.getItem('pilothouse.theme')
  const dark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.dataset.theme = dark ? 'dark' : 'light'
}
