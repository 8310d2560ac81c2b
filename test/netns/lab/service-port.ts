/** Where the service of the tests listens (UDP). */
export const servicePort = 7777;
