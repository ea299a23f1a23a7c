import { describe, expect, it } from 'vitest'
import { readProjectPlace } from './project-place.ts'

describe('the place of a project', () => {
  it.each([
    ['/home/me/vision', 'folder', 'vision'],
    [' ~/work/vision/ ', 'folder', 'vision'],
    ['https://git.example.org/team/llm-recipes.git', 'git', 'llm-recipes'],
    ['ssh://git@git.example.org:2222/team/llm.git', 'git', 'llm'],
    ['git@git.example.org:team/llm.git', 'git', 'llm'],
    ['me@login:llm', 'git', 'llm'],
    ['file:///srv/git/llm%20two.git', 'git', 'llm two'],
  ])('is read from «%s»', (text, kind, name) => {
    expect(readProjectPlace(text)).toMatchObject({ kind, name, place: text.trim() })
  })

  it.each([
    ['', /empty/],
    ['vision', /named from the root/],
    ['../vision', /named from the root/],
    ['--upload-pack=touch /tmp/x', /option/],
    ['ext::sh -c touch% /tmp/x', /helper program/],
    ['fd::17', /helper program/],
    ['https://host/a\u0000b', /control characters/],
    ['https://host/a%00b', /no repository/],
    ['https://me:secret@host/repo', /password or a token/],
    ['https://ghp_token@host/repo', /password or a token/],
    ['ssh://me:secret@host/repo', /password/],
    ['ssh://-oProxyCommand=touch/repo', /no name of a machine|no address/],
    ['ssh://-oProxyCommand%3Dx@host/repo', /no name of a user/],
    ['ssh://host/--upload-pack=x', /option/],
    ['-oProxyCommand=x@host:repo', /option/],
    ['me@-oProxyCommand=x:repo', /no name of a machine/],
    ['me@host:--upload-pack=x', /option/],
    ['http://host/repo', /Nothing protects/],
    ['git://host/repo', /Nothing protects/],
    ['ftp://host/repo', /not taken/],
    ['file://host/repo', /three slashes/],
    ['https://host/', /no repository/],
    ['https://host/repo?x=1', /no part/],
    [`/${'a'.repeat(5_000)}`, /longer than/],
  ])('is refused in words: «%s»', (text, words) => {
    const read = readProjectPlace(text)
    expect('message' in read ? read.message : read).toMatch(words)
  })

  it('that holds a secret is refused without repeating it', () => {
    expect(JSON.stringify(readProjectPlace('https://me:hunter2@host/repo'))).not.toContain('hunter2')
  })
})
